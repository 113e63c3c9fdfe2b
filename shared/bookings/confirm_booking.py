"""The school confirms a request."""

from datetime import datetime

from sqlalchemy import Connection, text

from shared.bookings.actors import Actor
from shared.bookings.errors import BookingNotActive, PaymentOutstanding
from shared.bookings.lock_booking import LockedBooking, lock_staffs_booking
from shared.bookings.record_event import record_event
from shared.bookings.staff_queries import get_staffs_booking
from shared.bookings.staff_schemas import StaffBookingView
from shared.bookings.transitions import require_legal
from shared.staff.find_staff import StaffMember
from shared.tenants.errors import TenantSuspended

# Of Cal.com's, one that held no time takes it now, or is refused by the constraint.
_CONFIRM = text("""
    WITH confirmed AS (
        UPDATE "Booking" b SET status = 'accepted', "holdExpiresAt" = NULL,
            "iCalSequence" = b."iCalSequence" + 1, "updatedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
        WHERE b.id = :booking AND b."tenantId" = :tenant RETURNING b.id, b."userId"),
    seated AS (
        UPDATE "WaitlistEntry" w SET status = 'BOOKED',
            "updatedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
        FROM confirmed WHERE w."bookingId" = confirmed.id AND w."tenantId" = :tenant AND w.status = 'OFFERED')
    INSERT INTO "OutboxMessage" ("tenantId", topic, payload)
    SELECT :tenant, 'booking.confirmed', jsonb_build_object('bookingId', id) || whom
    FROM confirmed, (VALUES ('{}'::jsonb), ('{"to": "teacher"}')) AS letters (whom)
    WHERE whom = '{}' OR "userId" IS NOT NULL ORDER BY whom
""")


def confirm_booking(connection: Connection, staff: StaffMember, uid: str, now: datetime) -> StaffBookingView:
    """The booking, accepted; one that is so already stays as it is, so that this may be sent again.

    Raises BookingNotFound, BookingMoved, BookingNotActive (also when its hold has run out), TenantSuspended,
    PaymentOutstanding.
    """
    booking = lock_staffs_booking(connection, staff, uid)
    if not booking.tenant_active:
        raise TenantSuspended
    if booking.status != "accepted":
        _confirm(connection, booking, staff, now)
    return get_staffs_booking(connection, staff, uid)


def _confirm(connection: Connection, booking: LockedBooking, staff: StaffMember, now: datetime) -> None:
    require_legal("CONFIRMED", booking.status, moved=booking.moved)
    if booking.has_run_out(now):
        raise BookingNotActive("The time to confirm it has run out", bookingStatus=booking.status)
    if booking.unpaid:
        raise PaymentOutstanding
    tenant, by = booking.tenant_id, Actor("STAFF", staff.id_at_school)
    connection.execute(_CONFIRM, {"tenant": tenant, "booking": booking.id, "now": now})
    record_event(connection, tenant, booking.id, "CONFIRMED", by, now)
