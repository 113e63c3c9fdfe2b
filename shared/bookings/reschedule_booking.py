"""The school moves a booking, whatever its own rules for students are."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from shared.bookings.actors import Actor
from shared.bookings.first_answers import find_first_answer, remember_answer
from shared.bookings.lock_booking import lock_staffs_booking
from shared.bookings.move_booking import move_booking
from shared.bookings.move_own_booking import hash_of_move
from shared.bookings.schemas import Rescheduling
from shared.bookings.staff_queries import get_staffs_booking
from shared.bookings.staff_schemas import StaffBookingView
from shared.errors import Forbidden
from shared.staff.find_staff import StaffMember


@dataclass(frozen=True, slots=True)
class Rescheduled:
    """The booking that goes on, and whether it was told before to the same Idempotency-Key."""

    answer: StaffBookingView
    replayed: bool = False


def reschedule_booking(
    connection: Connection,
    staff: StaffMember,
    uid: str,
    command: Rescheduling,
    key: str | None,
    now: datetime,
) -> Rescheduled:
    """The booking at its new place, which a student is told with a token of its own.

    Raises Forbidden for a teacher who gives it to another, BookingNotFound, IdempotencyKeyInUse,
    IdempotencyKeyReused and what `move_booking` raises.
    """
    first = find_first_answer(connection, key)
    booking = lock_staffs_booking(connection, staff, uid)
    asked = hash_of_move(command, uid, "staff")
    if first is not None:
        first.require_same(asked)
        return Rescheduled(get_staffs_booking(connection, staff, first.uid), replayed=True)
    child = move_booking(connection, booking, command, Actor("STAFF", staff.id_at_school), now)
    if staff.role == "TEACHER" and child.answer.teacher.id != staff.id:
        raise Forbidden("A teacher gives no booking away")
    remember_answer(connection, booking.tenant_id, key, asked, child.id, {})
    return Rescheduled(get_staffs_booking(connection, staff, child.answer.uid))
