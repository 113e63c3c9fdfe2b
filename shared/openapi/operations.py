"""Every operation of the API: what it takes, what it answers, and which problems it tells."""

from shared.bookings import errors as bookings
from shared.bookings.schemas import BookingCreated
from shared.errors import (
    Busy,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    InvalidRequest,
    NotFound,
    RequestTooLarge,
    TooManyRequests,
)
from shared.event_types.errors import EventTypeNotFound, TeacherNotFound
from shared.event_types.schemas import EventTypeList, EventTypeView, ListQuery
from shared.health import Health
from shared.openapi.booking_operations import LESSON, OF_BOOKINGS_FOR_STAFF, OF_HOLDERS
from shared.openapi.domain_operations import OF_DOMAINS
from shared.openapi.invitation_operations import OF_INVITATIONS
from shared.openapi.operation import OF_A_SCHOOL, OF_STAFF, WITH_A_BODY, Operation
from shared.openapi.payment_operations import OF_CHECKOUTS, OF_PAYMENTS_FOR_STAFF
from shared.openapi.person_operations import OF_PEOPLE
from shared.openapi.platform_operations import OF_TENANTS
from shared.openapi.workshop_operations import OF_SEATS, OF_WORKSHOPS, OF_WORKSHOPS_FOR_STAFF, BookingRequest
from shared.payments.errors import EventUnreadable, SignatureInvalid, WebhookEndpointNotFound
from shared.payments.schemas import StripeEventBody, WebhookReceived
from shared.slots.schemas import SlotList, SlotsQuery
from shared.staff.schemas import STAFF as ALL_ROLES
from shared.staff.schemas import StaffView
from shared.tenants.errors import PlanLimitReached, TenantSuspended
from shared.whitelists.errors import WhitelistImportNotFound
from shared.whitelists.schemas import (
    NewWhitelistImport,
    RejectedLinesQuery,
    WhitelistImportCreated,
    WhitelistImportView,
)

CONVERSATION = {
    "id": 1,
    "kind": "lesson",
    "title": "Conversation",
    "slug": "conversation",
    "description": "Half an hour of talk.",
    "length": 30,
    "whitelisted": False,
    "requiresConfirmation": False,
    "refundWindowHours": 12,
    "teachers": [{"id": 2, "name": "Tess Teacher"}],
}
PUBLIC = (
    Operation("GET", "/health", "health", "Whether the service can work", "Service", Health,
              problems=(Busy,), example={"status": "ok"}),
    Operation("GET", "/openapi.json", "openapi", "This document", "Service", None,
              example={"openapi": "3.1.0"}),
    Operation("GET", "/v1/event-types", "listEventTypes", "What the school offers", "Event types",
              EventTypeList, query=ListQuery, problems=(*OF_A_SCHOOL, InvalidRequest),
              example={"eventTypes": [CONVERSATION]}),
    Operation("GET", "/v1/event-types/{id}", "getEventType", "One event type", "Event types",
              EventTypeView, problems=(*OF_A_SCHOOL, EventTypeNotFound, NotFound), example=CONVERSATION),
    Operation("GET", "/v1/event-types/{id}/slots", "listSlots",
              "The times that can be booked, as they are at this moment", "Event types", SlotList,
              query=SlotsQuery,
              problems=(*OF_A_SCHOOL, EventTypeNotFound, TeacherNotFound, NotFound, InvalidRequest),
              example={"eventTypeId": 1, "timeZone": "Asia/Ho_Chi_Minh", "slots": [
                  {"start": LESSON["start"], "end": LESSON["end"], "teacherIds": [2]}]}),
    Operation("POST", "/v1/bookings", "createBooking", "Book a lesson, or seats of a workshop", "Bookings",
              BookingCreated, status=201, body=BookingRequest, idempotent=True,
              problems=(*OF_A_SCHOOL, *WITH_A_BODY, EventTypeNotFound, TeacherNotFound,
                        PlanLimitReached, IdempotencyKeyInUse, IdempotencyKeyReused,
                        bookings.SlotTaken, bookings.SlotNotOffered, bookings.NotWhitelisted,
                        bookings.BookerLimitReached, bookings.NotBookableOnline, *OF_SEATS, *OF_CHECKOUTS,
                        TooManyRequests),
              example={**LESSON, "eventTypeId": 1, "teacher": {"id": 2, "name": "Tess Teacher"},
                       "manageToken": "pV7yq0m3Zk2bN8sXw1RfTg"}),
)  # fmt: skip

ADA = {
    "id": 3,
    "name": "Ada Admin",
    "email": "admin@aurora.example",
    "role": "TENANT_ADMIN",
    "tenant": {"id": 2, "name": "Aurora", "subdomain": "aurora", "plan": "PRO", "status": "ACTIVE"},
}
IMPORT = {"id": "5d1c3a52-6b0e-5c64-9f2a-0c7f3d1f2b11", "status": "COMPLETED"}
COUNTS = {"rowsRead": 3, "rowsAdded": 2, "rowsAlreadyThere": 0, "rowsRemoved": 0, "rowsRejected": 1}

STAFF = (
    Operation("GET", "/v1/admin/me", "getMe", "Who is asking, and for which school", "Staff", StaffView,
              security="StaffToken", roles=ALL_ROLES, problems=OF_STAFF, example=ADA),
    Operation("POST", "/v1/admin/whitelist-imports", "createWhitelistImport",
              "Ask for a place to put a CSV of addresses", "Whitelists", WhitelistImportCreated,
              status=201, body=NewWhitelistImport, idempotent=True, security="StaffToken",
              problems=(*OF_STAFF, *WITH_A_BODY, TenantSuspended, EventTypeNotFound, IdempotencyKeyReused),
              example={"id": IMPORT["id"], "status": "AWAITING_UPLOAD", "upload": {
                  "url": "https://uploads.example.com/whitelist-imports/5d1c3a52.csv?X-Amz-Signature=0f",
                  "method": "PUT", "headers": {"content-type": "text/csv"},
                  "expiresAt": "2026-11-22T09:30:00Z", "maxBytes": 52428800}}),
    Operation("GET", "/v1/admin/whitelist-imports/{importId}", "getWhitelistImport",
              "What came of an import, with its rejected lines", "Whitelists", WhitelistImportView,
              query=RejectedLinesQuery, security="StaffToken",
              problems=(*OF_STAFF, InvalidRequest, WhitelistImportNotFound),
              example={**IMPORT, **COUNTS, "eventTypeId": 1, "mode": "merge",
                       "createdAt": "2026-11-22T09:15:00Z", "finishedAt": "2026-11-22T09:16:00Z",
                       "rejectedLines": [{"line": 2, "value": "mai(at)example.com",
                                          "reason": "not_an_address"}]}),
)  # fmt: skip

VENDORS = (
    Operation("POST", "/v1/webhooks/stripe/{endpointId}", "receiveStripeEvent",
              "For Stripe: an event, signed over its raw bytes", "Webhooks", WebhookReceived,
              body=StripeEventBody, security="StripeSignature",
              problems=(SignatureInvalid, EventUnreadable, RequestTooLarge, WebhookEndpointNotFound, Busy),
              example={"received": True}),
)  # fmt: skip

OPERATIONS = (
    *PUBLIC,
    *OF_HOLDERS,
    *OF_WORKSHOPS,
    *STAFF,
    *OF_BOOKINGS_FOR_STAFF,
    *OF_WORKSHOPS_FOR_STAFF,
    *OF_PAYMENTS_FOR_STAFF,
    *OF_INVITATIONS,
    *OF_DOMAINS,
    *OF_PEOPLE,
    *OF_TENANTS,
    *VENDORS,
)
