"""One booking, held against everybody else's changes until the transaction ends, with what decides them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from shared.bookings.errors import BookingNotFound
from shared.bookings.queries import is_same_token
from shared.bookings.schemas import Status
from shared.staff.find_staff import StaffMember
from shared.tenant_scope import CURRENT_TENANT
from shared.tenants.errors import TenantNotFound

# The refund's deadline is the one that held when the booking was made; Cal.com's have the present one.
_LOCK = text(f"""
    SELECT t.id AS tenant_id, t."subscriptionStatus" = 'ACTIVE' AS tenant_active,
           b.id, b.uid, b.status::text AS status, b.title, b."userId" AS teacher_id,
           a.name AS attendee_name, a.email AS attendee_email, a."timeZone" AS time_zone,
           b.status = 'cancelled' AND coalesce(b.rescheduled, false) AS moved,
           b."eventTypeId" AS event_type_id, b."workshopSessionNumber" AS session_number,
           b."startTime" AT TIME ZONE 'UTC' AS start, b."endTime" AT TIME ZONE 'UTC' AS "end",
           b."holdExpiresAt" AT TIME ZONE 'UTC' AS hold_expires_at, b."manageToken" AS manage_token,
           coalesce(b."refundableUntil", b."startTime" - make_interval(hours => e."refundWindowHours"))
               AT TIME ZONE 'UTC' AS refundable_until,
           coalesce(e."disableCancelling", false) AS cancelling_disabled,
           coalesce(e."disableRescheduling", false) AS rescheduling_disabled,
           coalesce(e."minimumRescheduleNotice", 0) AS reschedule_notice,
           coalesce(e."requiresConfirmation", false) AS requires_confirmation,
           EXISTS (SELECT FROM "WaitlistEntry" w WHERE w."bookingId" = b.id AND w."tenantId" = t.id
                   AND w.status = 'OFFERED') AS only_offered,
           EXISTS (SELECT FROM "Payment" p WHERE p."bookingId" = b.id AND p."tenantId" = t.id
                   AND p."checkoutId" IS NOT NULL AND NOT p.success) AS unpaid
    FROM "Tenant" t
    LEFT JOIN LATERAL (SELECT * FROM "Booking" WHERE uid = :uid AND "tenantId" = t.id FOR UPDATE) b ON true
    LEFT JOIN "EventType" e ON e.id = b."eventTypeId" AND e."tenantId" = t.id
    LEFT JOIN LATERAL (SELECT * FROM "Attendee" WHERE "bookingId" = b.id AND "tenantId" = t.id
                       ORDER BY id LIMIT 1) a ON true
    WHERE t.id = {CURRENT_TENANT}
""")  # noqa: S608  # only the constant above is put in


@dataclass(frozen=True, slots=True)
class LockedBooking:
    """`moved`: it goes on as another; `only_offered`: a seat that nobody has accepted; `unpaid`: its
    checkout is not; notice in minutes."""

    tenant_id: int
    tenant_active: bool
    id: int
    uid: str
    status: Status
    title: str
    teacher_id: int | None
    attendee_name: str | None
    attendee_email: str | None
    time_zone: str | None
    moved: bool
    event_type_id: int | None
    session_number: int | None
    start: datetime
    end: datetime
    hold_expires_at: datetime | None
    manage_token: str | None
    refundable_until: datetime | None
    cancelling_disabled: bool
    rescheduling_disabled: bool
    reschedule_notice: int
    requires_confirmation: bool
    only_offered: bool
    unpaid: bool

    def has_run_out(self, now: datetime) -> bool:
        """Whether it is a hold that is over and only waits to be swept."""
        if self.status != "pending" or self.hold_expires_at is None:
            return False
        return self.hold_expires_at <= now


def lock_booking(connection: Connection, uid: str) -> LockedBooking:
    """The booking of the school of the transaction. Raises TenantNotFound, BookingNotFound."""
    row = connection.execute(_LOCK, {"uid": uid}).one_or_none()
    if row is None:
        raise TenantNotFound
    if row.id is None:
        raise BookingNotFound
    return LockedBooking(**row._mapping)


def lock_holders_booking(connection: Connection, uid: str, token: str) -> LockedBooking:
    """The same for whoever holds its manage token; for everybody else it is not there."""
    booking = lock_booking(connection, uid)
    if not is_same_token(token, booking.manage_token):
        raise BookingNotFound
    return booking


def lock_staffs_booking(connection: Connection, staff: StaffMember, uid: str) -> LockedBooking:
    """The same for somebody of the staff; a teacher has nobody else's."""
    booking = lock_booking(connection, uid)
    if staff.role == "TEACHER" and booking.teacher_id != staff.id:
        raise BookingNotFound
    return booking
