"""Whoever holds a booking's token cancels it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from shared.bookings.actors import ATTENDEE
from shared.bookings.cancel_bookings import cancel_bookings
from shared.bookings.errors import BookingOver, CancellingDisabled
from shared.bookings.lock_booking import LockedBooking, lock_holders_booking
from shared.bookings.queries import get_booking
from shared.bookings.schemas import BookingView, OwnCancellation
from shared.bookings.transitions import require_legal

# Of one address, whose tokens were all told in one answer.
_SERIES = text("""
    SELECT b.id FROM "Booking" own
    JOIN "Booking" b ON b."recurringEventId" = own."recurringEventId" AND b."tenantId" = own."tenantId"
    WHERE own.id = :id AND own."tenantId" = :tenant AND b."manageToken" IS NOT NULL
      AND b.status IN ('accepted', 'pending')
      AND b."startTime" > CAST(:now AS timestamptz) AT TIME ZONE 'UTC' ORDER BY b.id
""")


def cancel_own_booking(
    connection: Connection, uid: str, token: str, asked: OwnCancellation, now: datetime
) -> BookingView:
    """The booking as it is then; what is cancelled already stays as it is, so that this may be sent again.

    Of a series the others to come are cancelled with it when that is asked for.

    Raises TenantNotFound, BookingNotFound, BookingMoved, BookingNotActive, BookingOver,
    CancellingDisabled. A suspended school's bookings can be cancelled too.
    """
    booking = lock_holders_booking(connection, uid, token)
    if booking.status != "cancelled" or booking.moved:
        _refuse_what_may_not(booking, now)
        ids = [booking.id, *(_series(connection, booking, now) if asked.series else ())]
        cancel_bookings(connection, booking.tenant_id, ids, ATTENDEE, asked.reason, now)
    return get_booking(connection, uid, token)


def _series(connection: Connection, booking: LockedBooking, now: datetime) -> Sequence[int]:
    asked = {"id": booking.id, "tenant": booking.tenant_id, "now": now}
    return connection.execute(_SERIES, asked).scalars().all()


def _refuse_what_may_not(booking: LockedBooking, now: datetime) -> None:
    require_legal("CANCELLED", booking.status, moved=booking.moved)
    if booking.start <= now:
        raise BookingOver
    if booking.cancelling_disabled:
        raise CancellingDisabled
