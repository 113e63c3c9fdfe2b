"""The school cancels a booking, whatever its own rules for students are."""

from datetime import datetime

from sqlalchemy import Connection

from shared.bookings.actors import Actor
from shared.bookings.cancel_bookings import cancel_bookings
from shared.bookings.lock_booking import lock_staffs_booking
from shared.bookings.staff_queries import get_staffs_booking
from shared.bookings.staff_schemas import StaffBookingView
from shared.bookings.transitions import require_legal
from shared.staff.find_staff import StaffMember


def cancel_booking(
    connection: Connection, staff: StaffMember, uid: str, reason: str | None, now: datetime
) -> StaffBookingView:
    """The booking, cancelled and always refunded; one that is cancelled already stays as it is.

    Raises BookingNotFound, BookingMoved, BookingNotActive.
    """
    booking = lock_staffs_booking(connection, staff, uid)
    if booking.status != "cancelled" or booking.moved:
        require_legal("CANCELLED", booking.status, moved=booking.moved)
        by = Actor("STAFF", staff.id_at_school)
        cancel_bookings(connection, booking.tenant_id, [booking.id], by, reason, now)
    return get_staffs_booking(connection, staff, uid)
