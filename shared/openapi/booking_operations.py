"""The operations of a booking that is there: for the holder of its token, and for the staff."""

from shared.bookings import errors as bookings
from shared.bookings.book_for_student import NewStaffBooking
from shared.bookings.schemas import (
    BookingCreated,
    BookingView,
    Cancellation,
    OwnCancellation,
    Rescheduling,
)
from shared.bookings.staff_schemas import BookingList, BookingsQuery, NoShow, StaffBookingView
from shared.clients.stripe_errors import PaymentRefused, PaymentsNotSetUp, PaymentsUnavailable
from shared.errors import Busy, IdempotencyKeyInUse, IdempotencyKeyReused, InvalidRequest, Problem
from shared.event_types.errors import EventTypeNotFound, TeacherNotFound
from shared.openapi.operation import OF_A_SCHOOL, OF_STAFF, WITH_A_BODY, Operation
from shared.staff.schemas import STAFF
from shared.tenants.errors import PlanLimitReached, TenantNotFound, TenantSuspended
from shared.workshops import errors as workshops

MAI = {"name": "Mai Nguyen", "email": "mai@example.com", "timeZone": "Asia/Ho_Chi_Minh", "locale": "vi"}
LESSON = {
    "uid": "019ab3c44e7a3f5b0c6d8e9fa1b2c3d4",
    "status": "accepted",
    "start": "2026-11-23T21:00:00+07:00",
    "end": "2026-11-23T21:30:00+07:00",
}
TOLD = {
    **LESSON,
    "title": "Conversation between Tess Teacher and Mai Nguyen",
    "eventType": {"id": 1, "title": "Conversation", "slug": "conversation"},
    "teacher": {"id": 2, "name": "Tess Teacher"},
    "attendee": MAI,
    "createdAt": "2026-11-22T09:15:00Z",
    "sequence": 0,
    "icsUid": LESSON["uid"],
    "refundableUntil": "2026-11-23T09:00:00+07:00",
}

OF_CHANGES: tuple[type[Problem], ...] = (
    bookings.BookingNotFound,
    bookings.BookingMoved,
    bookings.BookingNotActive,
)
OF_MOVES: tuple[type[Problem], ...] = (
    EventTypeNotFound,
    TeacherNotFound,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    bookings.PaymentOutstanding,
    bookings.SlotTaken,
    bookings.SlotNotOffered,
    workshops.SessionNotFound,
    workshops.SessionClosed,
    workshops.SessionFull,
    workshops.AlreadyBooked,
)
SEEN = {
    **{name: TOLD[name] for name in ("uid", "status", "title", "eventType", "teacher", "createdAt")},
    "start": "2026-11-23T14:00:00Z",
    "end": "2026-11-23T14:30:00Z",
    "attendee": {**MAI, "noShow": False},
    "noShowHost": False,
}
KNOWN = {
    **SEEN,
    "sequence": 0,
    "refundableUntil": "2026-11-23T02:00:00Z",
    "history": [{"type": "CREATED", "at": "2026-11-22T09:15:00Z"}],
    "payments": [],
    "refunds": [],
}

OF_HOLDERS = (
    Operation("GET", "/v1/bookings/{uid}", "getBooking", "A booking, for the holder of its token",
              "Bookings", BookingView, security="ManageToken",
              problems=(bookings.BookingNotFound, TenantNotFound, Busy),
              example=TOLD),
    Operation("POST", "/v1/bookings/{uid}/cancel", "cancelBooking",
              "Cancel a booking; refunded until its refundableUntil", "Bookings", BookingView,
              body=OwnCancellation, body_is_optional=True, security="ManageToken",
              problems=(*WITH_A_BODY, *OF_CHANGES, bookings.BookingOver, bookings.CancellingDisabled,
                        TenantNotFound, Busy),
              example={**TOLD, "status": "cancelled", "sequence": 1, "reason": "I have fallen ill.",
                       "refunds": [{"amount": 1500, "currency": "eur", "status": "PENDING"}]}),
    Operation("POST", "/v1/bookings/{uid}/reschedule", "rescheduleBooking",
              "Move a booking; the answer has the token of the one that goes on", "Bookings", BookingCreated,
              status=201, body=Rescheduling, idempotent=True, security="ManageToken",
              problems=(*OF_A_SCHOOL, *WITH_A_BODY, *OF_CHANGES, *OF_MOVES, bookings.BookingOver,
                        bookings.ReschedulingDisabled, bookings.TooLateToReschedule),
              example={**LESSON, "eventTypeId": 1, "teacher": {"id": 2, "name": "Tess Teacher"},
                       "manageToken": "pV7yq0m3Zk2bN8sXw1RfTg"}),
    Operation("GET", "/v1/bookings/{uid}/calendar.ics", "getCalendar", "The booking for a calendar",
              "Bookings", None, security="ManageToken", media_type="text/calendar",
              problems=(bookings.BookingNotFound, TenantNotFound, Busy)),
)  # fmt: skip

OF_BOOKINGS_FOR_STAFF = (
    Operation("GET", "/v1/admin/bookings", "listBookings", "Bookings, by their start", "Bookings",
              BookingList, query=BookingsQuery, security="StaffToken", roles=STAFF,
              problems=(*OF_STAFF, InvalidRequest),
              example={"bookings": [SEEN], "nextCursor": "1795442400000-12"}),
    Operation("POST", "/v1/admin/bookings", "bookForStudent",
              "Book for somebody, also for nothing or against the rules, but no time that is taken",
              "Bookings", BookingCreated, status=201, body=NewStaffBooking, security="StaffToken",
              idempotent=True,
              problems=(*OF_STAFF, *WITH_A_BODY, TenantSuspended, EventTypeNotFound, TeacherNotFound,
                        PlanLimitReached, IdempotencyKeyInUse, IdempotencyKeyReused, bookings.SlotTaken,
                        bookings.SlotNotOffered, bookings.NotWhitelisted, bookings.BookerLimitReached,
                        bookings.NotBookableOnline, bookings.BookingNotActive, workshops.NotAWorkshop,
                        workshops.SessionNotFound, workshops.SessionClosed, workshops.SessionFull,
                        workshops.AlreadyBooked, PaymentsNotSetUp, PaymentRefused, PaymentsUnavailable),
              example={**LESSON, "eventTypeId": 1, "teacher": {"id": 2, "name": "Tess Teacher"},
                       "manageToken": "pV7yq0m3Zk2bN8sXw1RfTg"}),
    Operation("GET", "/v1/admin/bookings/{uid}", "getStaffBooking", "A booking, with its history",
              "Bookings", StaffBookingView, security="StaffToken", roles=STAFF,
              problems=(*OF_STAFF, bookings.BookingNotFound), example=KNOWN),
    Operation("POST", "/v1/admin/bookings/{uid}/confirm", "confirmBooking", "Confirm a request", "Bookings",
              StaffBookingView, security="StaffToken", roles=STAFF,
              problems=(*OF_STAFF, *OF_CHANGES, TenantSuspended, bookings.PaymentOutstanding), example=KNOWN),
    Operation("POST", "/v1/admin/bookings/{uid}/reject", "rejectBooking", "Turn a request down", "Bookings",
              StaffBookingView, body=Cancellation, body_is_optional=True, security="StaffToken",
              roles=STAFF,
              problems=(*OF_STAFF, *WITH_A_BODY, *OF_CHANGES),
              example={**KNOWN, "status": "rejected", "reason": "We are on holiday then."}),
    Operation("POST", "/v1/admin/bookings/{uid}/cancel", "cancelStaffBooking",
              "Cancel a booking for the school, which is always refunded", "Bookings", StaffBookingView,
              body=Cancellation, body_is_optional=True, security="StaffToken", roles=STAFF,
              problems=(*OF_STAFF, *WITH_A_BODY, *OF_CHANGES),
              example={**KNOWN, "status": "cancelled", "reason": "The teacher is ill."}),
    Operation("POST", "/v1/admin/bookings/{uid}/reschedule", "rescheduleStaffBooking",
              "Move a booking, without notice", "Bookings", StaffBookingView, status=201, body=Rescheduling,
              idempotent=True, security="StaffToken", roles=STAFF,
              problems=(*OF_STAFF, *WITH_A_BODY, *OF_CHANGES, *OF_MOVES, TenantSuspended),
              example={**KNOWN, "rescheduledFrom": "019ab3c44e7a0f0e6b5a493827160504"}),
    Operation("POST", "/v1/admin/bookings/{uid}/no-show", "markNoShow", "Note who did not come", "Bookings",
              StaffBookingView, body=NoShow, security="StaffToken", roles=STAFF,
              problems=(*OF_STAFF, *WITH_A_BODY, *OF_CHANGES, bookings.BookingNotBegun),
              example={**KNOWN, "noShowHost": True}),
)  # fmt: skip
