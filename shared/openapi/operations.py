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
from shared.openapi.backup_operations import OF_BACKUPS, OF_RESTORES
from shared.openapi.booking_operations import LESSON, OF_BOOKINGS_FOR_STAFF, OF_HOLDERS
from shared.openapi.domain_operations import OF_DOMAINS
from shared.openapi.event_type_operations import OF_EVENT_TYPES_FOR_STAFF
from shared.openapi.immersio_operations import (
    OF_IMMERSIO,
    OF_IMMERSIO_FOR_PLATFORM,
    OF_IMMERSIO_FOR_STAFF,
)
from shared.openapi.invitation_operations import OF_INVITATIONS
from shared.openapi.operation import OF_A_SCHOOL, OF_STAFF, WITH_A_BODY, Operation
from shared.openapi.payment_operations import OF_CHECKOUTS, OF_PAYMENTS_FOR_STAFF
from shared.openapi.person_operations import OF_PEOPLE
from shared.openapi.platform_operations import OF_TENANTS, OF_USAGE
from shared.openapi.schedule_operations import OF_SCHEDULES
from shared.openapi.school_operations import OF_SCHOOLS
from shared.openapi.teacher_operations import OF_TEACHERS
from shared.openapi.whitelist_operations import OF_WHITELISTS
from shared.openapi.workshop_operations import OF_SEATS, OF_WORKSHOPS, OF_WORKSHOPS_FOR_STAFF, BookingRequest
from shared.payments.errors import EventUnreadable, SignatureInvalid, WebhookEndpointNotFound
from shared.payments.schemas import StripeEventBody, WebhookReceived
from shared.slots.schemas import SlotList, SlotsQuery
from shared.staff.schemas import STAFF as ALL_ROLES
from shared.staff.schemas import StaffView
from shared.tenants.errors import PlanLimitReached

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
STAFF = (
    Operation("GET", "/v1/admin/me", "getMe", "Who is asking, and for which school", "Staff", StaffView,
              security="StaffToken", roles=ALL_ROLES, problems=OF_STAFF, example=ADA),
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
    *OF_EVENT_TYPES_FOR_STAFF,
    *OF_TEACHERS,
    *OF_SCHEDULES,
    *OF_SCHOOLS,
    *OF_BOOKINGS_FOR_STAFF,
    *OF_WORKSHOPS_FOR_STAFF,
    *OF_PAYMENTS_FOR_STAFF,
    *OF_INVITATIONS,
    *OF_DOMAINS,
    *OF_PEOPLE,
    *OF_WHITELISTS,
    *OF_USAGE,
    *OF_BACKUPS,
    *OF_TENANTS,
    *OF_RESTORES,
    *OF_IMMERSIO_FOR_STAFF,
    *OF_IMMERSIO_FOR_PLATFORM,
    *VENDORS,
    *OF_IMMERSIO,
)
