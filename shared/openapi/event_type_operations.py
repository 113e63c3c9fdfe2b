"""The operations of setting up what can be booked."""

from shared.clients.stripe_errors import PaymentsNotSetUp
from shared.errors import InvalidRequest, NotFound, PreconditionFailed
from shared.event_types.errors import EventTypeInUse, EventTypeNotFound, SlugTaken
from shared.event_types.staff_schemas import (
    EventTypeChanges,
    EventTypeOfStaff,
    EventTypesOfStaff,
    EventTypesQuery,
    NewEventType,
)
from shared.money import PriceNotExpressible
from shared.openapi.operation import OF_CHANGES_BY_STAFF, OF_STAFF, ONCE, Operation
from shared.staff.schemas import STAFF
from shared.tenants.errors import PlanLimitReached, TenantSuspended

OFFERED = {
    "id": 1,
    "kind": "lesson",
    "title": "Conversation",
    "slug": "conversation",
    "description": "Half an hour of talk.",
    "length": 30,
    "price": {"amount": "15.00", "currency": "EUR"},
    "whitelistEnabled": False,
    "requiresConfirmation": False,
    "refundWindowHours": 12,
    "minimumBookingNotice": 120,
    "beforeEventBuffer": 0,
    "afterEventBuffer": 10,
    "offsetStart": 0,
    "period": {"type": "rolling", "days": 60, "countCalendarDays": True},
    "bookingLimits": {"PER_DAY": 6},
    "onlyShowFirstAvailableSlot": False,
    "disableCancelling": False,
    "disableRescheduling": False,
    "isPublished": True,
    "createdAt": "2026-11-22T09:15:00Z",
    "updatedAt": "2026-11-22T09:15:00Z",
}
WRITTEN = (SlugTaken, PriceNotExpressible, PlanLimitReached, PaymentsNotSetUp)

OF_EVENT_TYPES_FOR_STAFF = (
    Operation("GET", "/v1/admin/event-types", "listStaffEventTypes", "What can be booked, or will be",
              "Event types", EventTypesOfStaff, query=EventTypesQuery, security="StaffToken", roles=STAFF,
              problems=(*OF_STAFF, InvalidRequest), example={"eventTypes": [OFFERED], "nextCursor": "1"}),
    Operation("POST", "/v1/admin/event-types", "createEventType", "Make something that can be booked",
              "Event types", EventTypeOfStaff, status=201, body=NewEventType, security="StaffToken",
              idempotent=True, tagged=True, problems=(*OF_CHANGES_BY_STAFF, *ONCE, *WRITTEN),
              example=OFFERED),
    Operation("GET", "/v1/admin/event-types/{id}", "getStaffEventType", "One of them, with its ETag",
              "Event types", EventTypeOfStaff, security="StaffToken", roles=STAFF, tagged=True,
              problems=(*OF_STAFF, NotFound, EventTypeNotFound), example=OFFERED),
    Operation("PATCH", "/v1/admin/event-types/{id}", "changeEventType",
              "Change it for bookings to come, publish it or take it off; what is booked stays",
              "Event types", EventTypeOfStaff, body=EventTypeChanges, security="StaffToken", tagged=True,
              problems=(*OF_CHANGES_BY_STAFF, NotFound, EventTypeNotFound, PreconditionFailed,
                        *WRITTEN), example=OFFERED),
    Operation("DELETE", "/v1/admin/event-types/{id}", "deleteEventType",
              "Delete what was never booked", "Event types", None, status=204, security="StaffToken",
              tagged=True,
              problems=(*OF_STAFF, TenantSuspended, NotFound, EventTypeNotFound, PreconditionFailed,
                        EventTypeInUse)),
)  # fmt: skip
