"""Who did not come is noted, once the lesson has begun."""

from datetime import datetime

from sqlalchemy import Boolean, Connection, bindparam, text

from shared.bookings.actors import Actor
from shared.bookings.errors import BookingMoved, BookingNotActive, BookingNotBegun
from shared.bookings.lock_booking import lock_staffs_booking
from shared.bookings.record_event import EventType, record_event
from shared.bookings.staff_queries import get_staffs_booking
from shared.bookings.staff_schemas import NoShow, StaffBookingView
from shared.staff.find_staff import StaffMember

_MARK = text("""
    WITH host AS (
        UPDATE "Booking" SET "noShowHost" = :host
        WHERE id = :booking AND "tenantId" = :tenant AND coalesce("noShowHost", false) <> :host RETURNING id),
    attendee AS (
        UPDATE "Attendee" SET "noShow" = :attendee
        WHERE "bookingId" = :booking AND "tenantId" = :tenant AND coalesce("noShow", false) <> :attendee
        RETURNING id)
    SELECT EXISTS (SELECT FROM host) AS host, EXISTS (SELECT FROM attendee) AS attendee
""").bindparams(bindparam("host", type_=Boolean), bindparam("attendee", type_=Boolean))


def mark_no_show(
    connection: Connection, staff: StaffMember, uid: str, seen: NoShow, now: datetime
) -> StaffBookingView:
    """The booking, with who did not come; what is noted already is not noted twice.

    Raises BookingNotFound, BookingMoved, BookingNotActive, BookingNotBegun.
    """
    booking = lock_staffs_booking(connection, staff, uid)
    if booking.moved:
        raise BookingMoved
    if booking.status != "accepted":
        raise BookingNotActive(bookingStatus=booking.status)
    if booking.start > now:
        raise BookingNotBegun
    tenant, by = booking.tenant_id, Actor("STAFF", staff.id_at_school)
    asked = {"tenant": tenant, "booking": booking.id, "host": seen.host, "attendee": seen.attendee}
    changed = connection.execute(_MARK, asked).one()
    for absent in (True, False):
        who = {name: absent for name in ("host", "attendee")
               if getattr(changed, name) and getattr(seen, name) is absent}  # fmt: skip
        if who:
            kind: EventType = "NO_SHOW" if absent else "NO_SHOW_UNDONE"
            record_event(connection, tenant, booking.id, kind, by, now, {"who": sorted(who)})
    return get_staffs_booking(connection, staff, uid)
