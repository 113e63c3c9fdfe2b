"""What may be wrong about a booking."""

from shared.errors import Problem


class BookingNotFound(Problem):
    """Also for a booking whose token was not shown: who may not see it is not told that it is there."""

    status, code, title = 404, "booking_not_found", "There is no such booking"


class SlotTaken(Problem):
    status, code, title = 409, "slot_taken", "Somebody else has this time"


class SlotNotOffered(Problem):
    status, code, title = 422, "slot_not_offered", "The school does not offer this time"


class NotWhitelisted(Problem):
    """Tells nothing of who is."""

    status, code, title = 403, "not_whitelisted", "This address may not book here"


class BookerLimitReached(Problem):
    """`allowed` bookings to come are as many as one address may have of this event type."""

    status, code, title = 409, "booker_limit_reached", "This address has booked as often as it may"


class NotBookableOnline(Problem):
    """`reason`: `workshop`; `price` that its currency cannot express; `payment`, which no seat that is
    waited for can take."""

    status, code, title = 409, "not_bookable_online", "This cannot be booked online"


class BookingMoved(Problem):
    """The booking goes on as another, whose token was sent when it was moved."""

    status, code, title = 409, "booking_moved", "This booking has been moved to another time"


class BookingNotActive(Problem):
    """`bookingStatus` is what has become of it."""

    status, code, title = 409, "booking_not_active", "This booking is not in a state to be changed so"


class PaymentOutstanding(Problem):
    status, code, title = 409, "payment_outstanding", "This booking has to be paid first"


class BookingOver(Problem):
    status, code, title = 409, "booking_over", "This booking has begun or is over"


class BookingNotBegun(Problem):
    status, code, title = 409, "booking_not_begun", "This booking has not begun yet"


class CancellingDisabled(Problem):
    status, code, title = 403, "cancelling_disabled", "Only the school cancels bookings of this kind"


class ReschedulingDisabled(Problem):
    status, code, title = 403, "rescheduling_disabled", "Only the school moves bookings of this kind"


class TooLateToReschedule(Problem):
    """`noticeMinutes` is how long before its start a booking may be moved."""

    status, code, title = 409, "too_late_to_reschedule", "It is too late to move this booking"
