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


class NotBookableOnline(Problem):
    """`reason` is `payment` or `workshop`."""

    status, code, title = 409, "not_bookable_online", "This cannot be booked online"
