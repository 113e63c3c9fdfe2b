"""Whoever holds a booking's token cancels it."""

from datetime import datetime

from sqlalchemy import Connection

from shared.bookings.actors import ATTENDEE
from shared.bookings.cancel_bookings import cancel_bookings
from shared.bookings.errors import BookingOver, CancellingDisabled
from shared.bookings.lock_booking import LockedBooking, lock_holders_booking
from shared.bookings.queries import get_booking
from shared.bookings.schemas import BookingView
from shared.bookings.transitions import require_legal


def cancel_own_booking(
    connection: Connection, uid: str, token: str, reason: str | None, now: datetime
) -> BookingView:
    """The booking as it is then; what is cancelled already stays as it is, so that this may be sent again.

    Raises TenantNotFound, BookingNotFound, BookingMoved, BookingNotActive, BookingOver,
    CancellingDisabled. A suspended school's bookings can be cancelled too.
    """
    booking = lock_holders_booking(connection, uid, token)
    if booking.status != "cancelled" or booking.moved:
        _refuse_what_may_not(booking, now)
        cancel_bookings(connection, booking.tenant_id, [booking.id], ATTENDEE, reason, now)
    return get_booking(connection, uid, token)


def _refuse_what_may_not(booking: LockedBooking, now: datetime) -> None:
    require_legal("CANCELLED", booking.status, moved=booking.moved)
    if booking.start <= now:
        raise BookingOver
    if booking.cancelling_disabled:
        raise CancellingDisabled
