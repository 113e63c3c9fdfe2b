"""A lesson moves to another time, or to another teacher."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import ARRAY, Connection, Integer, bindparam, text

from shared.bookings.actors import Actor
from shared.bookings.errors import SlotNotOffered, SlotTaken
from shared.bookings.lock_booking import LockedBooking
from shared.bookings.move_booking import MOVE_LESSON, Child, Place, write_child
from shared.bookings.schemas import Rescheduling
from shared.errors import InvalidRequest
from shared.event_types.errors import EventTypeNotFound, TeacherNotFound
from shared.event_types.schemas import Teacher
from shared.slots.find_slots import is_bookable
from shared.slots.offer import Offer, OfferedTeacher, OfferQuestion, load_offer

# Two lessons that change places would wait for each other; and the limits are counted under this lock.
_LOCK_TEACHERS = text("""
    SELECT count(pg_advisory_xact_lock(CAST(:tenant AS int), id))
    FROM (SELECT DISTINCT id FROM unnest(:teachers) AS id ORDER BY id) AS sorted
""").bindparams(bindparam("teachers", type_=ARRAY(Integer)))


def move_lesson(
    connection: Connection, booking: LockedBooking, command: Rescheduling, by: Actor, now: datetime
) -> Child:
    """The lesson, as long as its event type says now; the staff need not keep the notice.

    Raises InvalidRequest, EventTypeNotFound, TeacherNotFound, SlotNotOffered, SlotTaken.
    """
    if command.start is None:
        raise InvalidRequest("a lesson is moved to a start")
    if booking.event_type_id is None:
        raise EventTypeNotFound
    teacher_id = command.teacher_id or booking.teacher_id
    if teacher_id is None:
        raise TeacherNotFound
    at_stake = [each for each in (booking.teacher_id, teacher_id) if each is not None]
    connection.execute(_LOCK_TEACHERS, {"tenant": booking.tenant_id, "teachers": at_stake})
    start = int(command.start.timestamp())
    question = OfferQuestion(booking.event_type_id, teacher_id, start, start + 1, booking.id)
    offer = load_offer(connection, question)
    teacher = _free_teacher(offer, start, by, int(now.timestamp()))
    place = _place(booking, command.start, offer, teacher)
    buffers = offer.rules.before_buffer, offer.rules.after_buffer
    child = write_child(connection, MOVE_LESSON, booking, place, by, now, buffers)
    if child is None:
        raise SlotTaken
    return child


def _free_teacher(offer: Offer, start: int, by: Actor, now: int) -> OfferedTeacher:
    rules = offer.rules if by.kind == "ATTENDEE" else replace(offer.rules, minimum_notice=0)
    for each in offer.teachers:
        if is_bookable(rules, each.schedule, each.busy, start, now, each.booked):
            return each
        if is_bookable(rules, each.schedule, (), start, now):
            raise SlotTaken
    raise SlotNotOffered


def _place(booking: LockedBooking, start: datetime, offer: Offer, teacher: OfferedTeacher) -> Place:
    end = start.astimezone(UTC) + timedelta(minutes=offer.rules.length)
    title = booking.title
    if teacher.id != booking.teacher_id:
        title = f"{offer.terms.title} between {teacher.name} and {booking.attendee_name or ''}"
    return Place(start, end, Teacher(id=teacher.id, name=teacher.name), title)
