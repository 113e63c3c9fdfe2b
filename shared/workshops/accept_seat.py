"""Whoever waited takes the seat that was offered, and pays for it when it costs something."""

from dataclasses import dataclass, replace
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
_OFFER = text("""
    SELECT greatest(e."workshopPrice", e.price, 0) > 0 AS costs FROM "WaitlistEntry" w
    LEFT JOIN "EventType" e ON e.id = :event_type AND e."tenantId" = w."tenantId"
    WHERE w."bookingId" = :booking AND w."tenantId" = :tenant ORDER BY w.id DESC LIMIT 1
""")


@dataclass(frozen=True, slots=True)
class AcceptedSeat:
    """What `is_paid` is accepted once its page is paid, and held until then."""

    answer: BookingView
    is_paid: bool = False


def accept_seat(connection: Connection, uid: str, token: str, now: datetime) -> AcceptedSeat:
    """The booking, accepted; one that was so already stays as it is, so that this may be sent again.

    Raises TenantNotFound, TenantSuspended, BookingNotFound, BookingMoved, NotOffered, OfferExpired,
    PaymentsNotSetUp, NotBookableOnline.
    """
    booking = lock_holders_booking(connection, uid, token)
    if not booking.tenant_active:
        raise TenantSuspended
    asked = {"booking": booking.id, "tenant": booking.tenant_id, "event_type": booking.event_type_id}
    offer = connection.execute(_OFFER, asked).one_or_none()
    if offer is None:
        raise NotOffered
    if booking.status == "accepted":
        return AcceptedSeat(get_booking(connection, uid, token))
    _refuse_what_is_over(booking, now)
    if offer.costs:
        return AcceptedSeat(_held(connection, booking, token, now), is_paid=True)
    _accept(connection, booking, now)
    return AcceptedSeat(get_booking(connection, uid, token))


def _refuse_what_is_over(booking: LockedBooking, now: datetime) -> None:
    if booking.moved:
        raise BookingMoved
    if not is_legal("SEAT_ACCEPTED", booking.status) or booking.has_run_out(now):
        raise OfferExpired


def _held(connection: Connection, booking: LockedBooking, token: str, now: datetime) -> BookingView:
    """The seat with a checkout, as long as it was offered for and as anybody may take to pay at least."""
    from shared.payments.hold_for_payment import hold_for_payment, hold_until
    from shared.payments.payment_terms import load_payment_terms

    view = get_booking(connection, booking.uid, token)
    if booking.unpaid or booking.event_type_id is None:
        return view
    # The school has said yes by offering it.
    terms = replace(load_payment_terms(connection, booking.event_type_id), confirms_later=False)
    until = max(booking.hold_expires_at or now, hold_until(now, booking.start))
    hold_for_payment(connection, terms, [booking.uid], until, now)
    return view.model_copy(update={"hold_expires_at": until.astimezone(view.start.tzinfo)})


def _accept(connection: Connection, booking: LockedBooking, now: datetime) -> None:
    connection.execute(_ACCEPT, {"booking": booking.id, "tenant": booking.tenant_id, "now": now})
    record_event(connection, booking.tenant_id, booking.id, "SEAT_ACCEPTED", ATTENDEE, now)
