"""A seat moves to another session of its workshop."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Text, bindparam, text

from shared.bookings.actors import Actor
from shared.bookings.cancel_bookings import offer_on
from shared.bookings.lock_booking import LockedBooking
from shared.bookings.move_booking import MOVE_SEAT, Child, Place, write_child
from shared.bookings.schemas import Rescheduling
from shared.errors import InvalidRequest
from shared.event_types.schemas import Teacher
from shared.workshops.errors import AlreadyBooked, SessionClosed, SessionFull, SessionNotFound

# An address's changes within a workshop follow each other, as when it takes seats.
_LOCK_BOOKER = text("""
    SELECT pg_advisory_xact_lock(CAST(:tenant AS int), hashtext(CAST(:event_type AS int) || ' ' || :email))
""").bindparams(bindparam("email", type_=Text))

# In the order of their ids, as everybody locks them.
_LOCK_SESSIONS = text("""
    SELECT id FROM "WorkshopSession"
    WHERE "tenantId" = :tenant AND "eventTypeId" = :event_type AND "sessionNumber" IN (:old, :new)
    ORDER BY id FOR NO KEY UPDATE
""")
# Of the one that is moved to and of the one that is left, when both are locked.
_LOOK = text("""
    SELECT s.id, left_one.id AS left_id, s."cancelledAt" IS NOT NULL AS cancelled,
           s."startTime" AT TIME ZONE 'UTC' AS start, s."endTime" AT TIME ZONE 'UTC' AS "end",
           e.title, e."minimumBookingNotice" AS notice, coalesce(u.locked, false) AS locked,
           u.id AS teacher_id, u.name AS teacher_name,
           coalesce(s."seatsTaken" >= s."seatLimit", false) OR EXISTS (
               SELECT FROM "WaitlistEntry" w WHERE w."sessionId" = s.id AND w."tenantId" = s."tenantId"
               AND w.status = 'WAITING') AS is_full,
           cardinality(seats_held(s."tenantId", ARRAY[s.id], :email)) > 0 AS is_held
    FROM "WorkshopSession" s
    JOIN "EventType" e ON e.id = s."eventTypeId" AND e."tenantId" = s."tenantId"
    LEFT JOIN users u ON u.id = s."teacherId" AND u."tenantId" = s."tenantId"
    LEFT JOIN "WorkshopSession" left_one ON left_one."eventTypeId" = s."eventTypeId"
        AND left_one."tenantId" = s."tenantId" AND left_one."sessionNumber" = :old
    WHERE s."tenantId" = :tenant AND s."eventTypeId" = :event_type AND s."sessionNumber" = :new
""").bindparams(bindparam("email", type_=Text))


def move_seat(
    connection: Connection, booking: LockedBooking, command: Rescheduling, by: Actor, now: datetime
) -> Child:
    """The seat in the other session; who waits for the one it leaves is offered it.

    Raises InvalidRequest, SessionNotFound, SessionClosed, SessionFull, AlreadyBooked.
    """
    if command.session_number is None:
        raise InvalidRequest("a seat is moved to a session")
    session = _locked_session(connection, booking, command.session_number)
    _refuse_what_may_not(session, command.session_number, by, now)
    teacher = Teacher(id=session.teacher_id, name=session.teacher_name or "") if session.teacher_id else None
    title = booking.title
    if teacher and teacher.id != booking.teacher_id:
        title = f"{session.title} between {teacher.name} and {booking.attendee_name or ''}"
    place = Place(session.start, session.end, teacher, title, command.session_number)
    child = write_child(connection, MOVE_SEAT, booking, place, by, now)
    if child is None:
        raise SessionFull(sessions=[command.session_number])
    if session.left_id is not None:
        offer_on(connection, booking.tenant_id, [session.left_id], now)
    return child


def _locked_session(connection: Connection, booking: LockedBooking, number: int) -> Row[Any]:
    asked = {"tenant": booking.tenant_id, "event_type": booking.event_type_id}
    email = {"email": booking.attendee_email or ""}
    sessions = {"old": booking.session_number, "new": number}
    connection.execute(_LOCK_BOOKER, asked | email)
    connection.execute(_LOCK_SESSIONS, asked | sessions)
    found = connection.execute(_LOOK, asked | sessions | email).one_or_none()
    if found is None:
        raise SessionNotFound
    return found


def _refuse_what_may_not(session: Row[Any], number: int, by: Actor, now: datetime) -> None:
    notice = session.notice * 60 if by.kind == "ATTENDEE" else 0
    if session.cancelled:
        raise SessionClosed(reason="cancelled")
    if session.locked:
        raise SessionClosed(reason="no_teacher")
    if (session.start - now).total_seconds() < max(notice, 1):
        raise SessionClosed(reason="too_late")
    if session.is_held:
        raise AlreadyBooked(sessions=[number])
    if session.is_full:
        raise SessionFull(sessions=[number])
