"""The operations of workshops: sessions, waitlists, and what the staff does with them."""

from pydantic import RootModel

from shared.bookings import errors as bookings
from shared.bookings.schemas import BookingView, Cancellation, NewBooking
from shared.errors import (
    Busy,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    InvalidRequest,
    NotFound,
    Problem,
    TooManyRequests,
)
from shared.event_types.errors import EventTypeNotFound, TeacherNotFound
from shared.event_types.schemas import ListQuery
from shared.openapi.operation import OF_A_SCHOOL, OF_STAFF, WITH_A_BODY, Operation
from shared.openapi.payment_operations import OF_CHECKOUTS
from shared.staff.schemas import STAFF
from shared.tenants.errors import PlanLimitReached, TenantNotFound, TenantSuspended
from shared.workshops import errors
from shared.workshops.schemas import (
    NewRecurrence,
    NewSeats,
    NewWaitlistEntry,
    RecurrenceSaved,
    SessionCancelled,
    SessionList,
    SessionsOfStaff,
    SessionsQuery,
    WaitlistEntryCreated,
    WaitlistEntryView,
)


class BookingRequest(RootModel[NewBooking | NewSeats]):
    """A lesson has a start; of a workshop a session is named, or the series."""


OF_SEATS: tuple[type[Problem], ...] = (
    errors.NotAWorkshop,
    errors.SessionNotFound,
    errors.SessionClosed,
    errors.SessionFull,
    errors.AlreadyBooked,
)

TESS = {"id": 2, "name": "Tess Teacher"}
IN_SAIGON = {"start": "2026-12-01T22:00:00+07:00", "end": "2026-12-01T23:30:00+07:00"}
IN_UTC = {"start": "2026-12-01T15:00:00Z", "end": "2026-12-01T16:30:00Z"}
SEEN = {"sessionNumber": 3, **IN_UTC, "teacher": TESS, "seatLimit": 12, "seatsTaken": 11, "waiting": 0}
WAITING = {"id": 7, "status": "WAITING", "position": 1, "sessionNumber": 3, **IN_SAIGON}
SEAT = {
    "uid": "019ab3c44e7a3f5b0c6d8e9fa1b2c3d4",
    "status": "accepted",
    **IN_SAIGON,
    "title": "Pronunciation workshop between Tess Teacher and Mai Nguyen",
    "eventType": {"id": 4, "title": "Pronunciation workshop", "slug": "pronunciation-workshop"},
    "teacher": TESS,
    "attendee": {
        "name": "Mai Nguyen",
        "email": "mai@example.com",
        "timeZone": "Asia/Ho_Chi_Minh",
        "locale": "vi",
    },
    "createdAt": "2026-11-22T09:15:00Z",
    "sequence": 1,
    "icsUid": "019ab3c44e7a3f5b0c6d8e9fa1b2c3d4",
    "sessionNumber": 3,
}
OF_ENTRIES: tuple[type[Problem], ...] = (errors.WaitlistEntryNotFound, NotFound, TenantNotFound, Busy)

OF_WORKSHOPS = (
    Operation("GET", "/v1/event-types/{id}/sessions", "listSessions", "The sessions of a workshop to come",
              "Workshops", SessionList, query=SessionsQuery,
              problems=(*OF_A_SCHOOL, EventTypeNotFound, NotFound, InvalidRequest),
              example={"eventTypeId": 4, "timeZone": "Asia/Ho_Chi_Minh", "sessions": [
                  {"sessionNumber": 3, **IN_SAIGON, "teacher": TESS, "seatLimit": 12, "seatsLeft": 1,
                   "waitlistLength": 0, "bookable": True}]}),
    Operation("POST", "/v1/event-types/{id}/sessions/{sessionNumber}/waitlist", "joinWaitlist",
              "Wait for a seat of a session that is full", "Workshops", WaitlistEntryCreated, status=201,
              body=NewWaitlistEntry, idempotent=True,
              problems=(*OF_A_SCHOOL, *WITH_A_BODY, IdempotencyKeyInUse, IdempotencyKeyReused,
                        bookings.BookerLimitReached, EventTypeNotFound, NotFound, errors.NotAWorkshop,
                        errors.SessionNotFound, errors.SessionClosed, errors.AlreadyBooked,
                        errors.AlreadyWaiting, errors.SeatsAvailable, bookings.NotWhitelisted,
                        bookings.NotBookableOnline, TooManyRequests),
              example={"id": 7, "position": 1, "token": "pV7yq0m3Zk2bN8sXw1RfTg"}),
    Operation("GET", "/v1/waitlist-entries/{id}", "getWaitlistEntry",
              "A place on a waitlist, for the holder of its token", "Workshops", WaitlistEntryView,
              security="ManageToken", problems=OF_ENTRIES, example=WAITING),
    Operation("POST", "/v1/waitlist-entries/{id}/leave", "leaveWaitlist",
              "Wait no longer; a seat that was offered goes to the next", "Workshops", WaitlistEntryView,
              security="ManageToken", problems=(*OF_ENTRIES, errors.AlreadyBooked),
              example={key: WAITING[key] for key in WAITING if key != "position"} | {"status": "LEFT"}),
    Operation("POST", "/v1/bookings/{uid}/accept", "acceptSeat", "Take a seat that was offered", "Workshops",
              BookingView, security="ManageToken",
              problems=(bookings.BookingNotFound, bookings.BookingMoved, errors.NotOffered,
                        errors.OfferExpired, bookings.NotBookableOnline,
                        *OF_CHECKOUTS, *OF_A_SCHOOL),
              example=SEAT),
)  # fmt: skip

RULE = {
    "frequency": "WEEKLY",
    "interval": 1,
    "count": 8,
    "start": "2026-12-01T10:00",
    "timeZone": "America/New_York",
    "teacherId": 2,
}

OF_WORKSHOPS_FOR_STAFF = (
    Operation("PUT", "/v1/admin/event-types/{id}/recurrence", "putRecurrence",
              "Say when a workshop takes place: its sessions are made, all or none", "Workshops",
              RecurrenceSaved, body=NewRecurrence, security="StaffToken",
              problems=(*OF_STAFF, *WITH_A_BODY, NotFound, TenantSuspended, EventTypeNotFound,
                        PlanLimitReached, TeacherNotFound, errors.NotAWorkshop, errors.SessionsClash,
                        errors.SeatsTaken),
              example={"eventTypeId": 4, "recurrence": RULE, "seatLimit": 12,
                       "created": [9, 10, 11, 12, 13, 14], "kept": [1, 2], "removed": [3, 4, 5, 6, 7, 8]}),
    Operation("GET", "/v1/admin/event-types/{id}/sessions", "listStaffSessions",
              "All sessions of a workshop, cancelled and past ones too", "Workshops", SessionsOfStaff,
              query=ListQuery, security="StaffToken", roles=STAFF,
              problems=(*OF_STAFF, InvalidRequest, NotFound, EventTypeNotFound),
              example={"eventTypeId": 4, "sessions": [SEEN]}),
    Operation("POST", "/v1/admin/event-types/{id}/sessions/{sessionNumber}/cancel", "cancelSession",
              "Cancel one session; who booked it is refunded", "Workshops", SessionCancelled,
              body=Cancellation, body_is_optional=True, security="StaffToken", roles=STAFF,
              problems=(*OF_STAFF, *WITH_A_BODY, NotFound, EventTypeNotFound, errors.SessionNotFound),
              example={**SEEN, "seatsTaken": 0, "cancelledAt": "2026-11-22T09:15:00Z",
                       "bookingsCancelled": 11}),
)  # fmt: skip
