"""Whoever waited takes the seat that was offered."""

from datetime import datetime

from sqlalchemy import Connection, text

from shared.bookings.actors import ATTENDEE
from shared.bookings.errors import BookingMoved
from shared.bookings.lock_booking import LockedBooking, lock_holders_booking
from shared.bookings.queries import get_booking
from shared.bookings.record_event import record_event
from shared.bookings.schemas import BookingView
from shared.bookings.transitions import is_legal
from shared.tenants.errors import TenantSuspended
from shared.workshops.errors import NotOffered, OfferExpired

_ACCEPT = text("""
    WITH accepted AS (
        UPDATE "Booking" SET status = 'accepted', "holdExpiresAt" = NULL,
            "iCalSequence" = "iCalSequence" + 1, "updatedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
        WHERE id = :booking AND "tenantId" = :tenant RETURNING id),
    seated AS (
        UPDATE "WaitlistEntry" w SET status = 'BOOKED',
            "updatedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
        FROM accepted WHERE w."bookingId" = accepted.id AND w."tenantId" = :tenant)
    INSERT INTO "OutboxMessage" ("tenantId", topic, payload)
    SELECT :tenant, 'booking.confirmed', jsonb_build_object('bookingId', id) || whom
    FROM accepted, (VALUES ('{}'::jsonb), ('{"to": "teacher"}')) AS letters (whom) ORDER BY whom
""")
_ENTRY = text("""
    SELECT status FROM "WaitlistEntry" WHERE "bookingId" = :booking AND "tenantId" = :tenant
    ORDER BY id DESC LIMIT 1
""")


def accept_seat(connection: Connection, uid: str, token: str, now: datetime) -> BookingView:
    """The booking, accepted; one that was so already stays as it is, so that this may be sent again.

    Raises TenantNotFound, TenantSuspended, BookingNotFound, BookingMoved, NotOffered, OfferExpired.
    """
    booking = lock_holders_booking(connection, uid, token)
    if not booking.tenant_active:
        raise TenantSuspended
    offer = connection.execute(_ENTRY, {"booking": booking.id, "tenant": booking.tenant_id}).scalar()
    if offer is None:
        raise NotOffered
    if booking.status != "accepted":
        _accept(connection, booking, now)
    return get_booking(connection, uid, token)


def _accept(connection: Connection, booking: LockedBooking, now: datetime) -> None:
    if booking.moved:
        raise BookingMoved
    if not is_legal("SEAT_ACCEPTED", booking.status) or booking.has_run_out(now):
        raise OfferExpired
    connection.execute(_ACCEPT, {"booking": booking.id, "tenant": booking.tenant_id, "now": now})
    record_event(connection, booking.tenant_id, booking.id, "SEAT_ACCEPTED", ATTENDEE, now)
