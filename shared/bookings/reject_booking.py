"""The school turns a request down."""

from datetime import datetime

from sqlalchemy import Connection

from shared.bookings.actors import Actor
from shared.bookings.cancel_bookings import offer_on
from shared.bookings.end_bookings import end_bookings
from shared.bookings.lock_booking import lock_staffs_booking
from shared.bookings.staff_queries import get_staffs_booking
from shared.bookings.staff_schemas import StaffBookingView
from shared.bookings.transitions import require_legal
from shared.staff.find_staff import StaffMember


def reject_booking(
    connection: Connection, staff: StaffMember, uid: str, reason: str | None, now: datetime
) -> StaffBookingView:
    """The booking, rejected; one that is so already stays as it is, so that this may be sent again.

    Raises BookingNotFound, BookingMoved, BookingNotActive.
    """
    booking = lock_staffs_booking(connection, staff, uid)
    if booking.status != "rejected":
        require_legal("REJECTED", booking.status, moved=booking.moved)
        tenant, by = booking.tenant_id, Actor("STAFF", staff.id_at_school)
        ended = end_bookings(connection, tenant, [booking.id], "REJECTED", by, reason, now)
        offer_on(connection, tenant, ended.session_ids, now)
    return get_staffs_booking(connection, staff, uid)
