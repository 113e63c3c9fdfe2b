"""Every table, one a file. Importing this package loads them all, which only migrations and admin need."""

from shared.models.attendee import Attendee
from shared.models.audit_event import AuditEvent
from shared.models.availability import Availability
from shared.models.base import Base
from shared.models.booking import Booking
from shared.models.booking_event import BookingEvent
from shared.models.checkout import Checkout
from shared.models.custom_domain import CustomDomain
from shared.models.event_type import EventType
from shared.models.host import Host
from shared.models.idempotency_key import IdempotencyKey
from shared.models.immersio_gate import ImmersioGate
from shared.models.immersio_push import ImmersioPush
from shared.models.immersio_sighting import ImmersioSighting
from shared.models.immersio_sync_log import ImmersioSyncLog
from shared.models.immersio_sync_state import ImmersioSyncState
from shared.models.invitation import Invitation
from shared.models.landing_template import LandingTemplate
from shared.models.occupancy_conflict import OccupancyConflict
from shared.models.out_of_office_entry import OutOfOfficeEntry
from shared.models.outbox_message import OutboxMessage
from shared.models.payment import Payment
from shared.models.refund import Refund
from shared.models.request_count import RequestCount
from shared.models.schedule import Schedule
from shared.models.teacher_course_assignment import TeacherCourseAssignment
from shared.models.teacher_occupancy import TeacherOccupancy
from shared.models.tenant import Tenant
from shared.models.tenant_backup import TenantBackup
from shared.models.tenant_landing_settings import TenantLandingSettings
from shared.models.tenant_restore import TenantRestore
from shared.models.tenant_usage import TenantUsage
from shared.models.user import User
from shared.models.waitlist_entry import WaitlistEntry
from shared.models.webhook_endpoint import WebhookEndpoint
from shared.models.webhook_event import WebhookEvent
from shared.models.whitelist_entry import WhitelistEntry
from shared.models.whitelist_import import WhitelistImport
from shared.models.whitelist_rejection import WhitelistRejection
from shared.models.workshop_session import WorkshopSession

__all__ = [
    "Attendee",
    "AuditEvent",
    "Availability",
    "Base",
    "Booking",
    "BookingEvent",
    "Checkout",
    "CustomDomain",
    "EventType",
    "Host",
    "IdempotencyKey",
    "ImmersioGate",
    "ImmersioPush",
    "ImmersioSighting",
    "ImmersioSyncLog",
    "ImmersioSyncState",
    "Invitation",
    "LandingTemplate",
    "OccupancyConflict",
    "OutOfOfficeEntry",
    "OutboxMessage",
    "Payment",
    "Refund",
    "RequestCount",
    "Schedule",
    "TeacherCourseAssignment",
    "TeacherOccupancy",
    "Tenant",
    "TenantBackup",
    "TenantLandingSettings",
    "TenantRestore",
    "TenantUsage",
    "User",
    "WaitlistEntry",
    "WebhookEndpoint",
    "WebhookEvent",
    "WhitelistEntry",
    "WhitelistImport",
    "WhitelistRejection",
    "WorkshopSession",
]
