"""A booking goes on at another time: what is common to lessons and seats."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, Text, TextClause, bindparam, text

from shared.bookings.actors import EMAIL_OF_ACTOR, Actor
from shared.bookings.errors import (
    BookingNotActive,
    BookingOver,
    PaymentOutstanding,
    ReschedulingDisabled,
    TooLateToReschedule,
)
from shared.bookings.lock_booking import LockedBooking
from shared.bookings.record_event import record_event
from shared.bookings.refunds import is_refundable
from shared.bookings.schemas import BookingCreated, Rescheduling, Status
from shared.bookings.tokens import new_token, new_uid
from shared.bookings.transitions import require_legal
from shared.event_types.schemas import Teacher
from shared.tenants.errors import TenantSuspended
from shared.time_zones import UnknownTimeZone, zone

# A lesson's old time is given up before the new one is taken, so that it may move into its own time.
_PLACE = """
    freed AS (DELETE FROM "TeacherOccupancy" WHERE "bookingId" = :old AND "tenantId" = :tenant RETURNING id),
    place AS (
        INSERT INTO "TeacherOccupancy" ("tenantId", "teacherId", "bookingId", "startTime", "endTime",
                                        "busyFrom", "busyUntil")
        SELECT :tenant, CAST(:teacher AS int), input.id, starts, ends,
               starts - make_interval(mins => CAST(:before AS int)),
               ends + make_interval(mins => CAST(:after AS int))
        FROM input, (SELECT count(*) FROM freed) AS given_up ON CONFLICT DO NOTHING RETURNING "bookingId"),
"""
_SEAT = 'place AS (SELECT id AS "bookingId" FROM input),'

# All steps read the old booking as it was. The triggers free its seat and take the new one, in the order of
# the steps, when all are done.
_MOVE = """
    WITH input AS (SELECT nextval(pg_get_serial_sequence('"Booking"', 'id'))::int AS id,
        to_timestamp(:start) AT TIME ZONE 'UTC' AS starts, to_timestamp(:end) AT TIME ZONE 'UTC' AS ends,
        CAST(:now AS timestamptz) AT TIME ZONE 'UTC' AS at),
    {place}
    left_behind AS (
        UPDATE "Booking" b SET status = 'cancelled', rescheduled = true, "updatedAt" = at,
               "rescheduledBy" = {who}
        FROM input, place WHERE b.id = :old AND b."tenantId" = :tenant RETURNING b.id),
    child AS (
        INSERT INTO "Booking" (id, "tenantId", uid, "userId", "eventTypeId", title, description, "startTime",
            "endTime", location, paid, status, "customInputs", responses, metadata, "recurringEventId",
            "iCalUID", "iCalSequence", "fromReschedule", "creationSource", "whitelistVerified",
            "immersioEnrollmentId", "workshopSessionNumber", "manageToken", "holdExpiresAt",
            "refundableUntil", "createdAt")
        SELECT input.id, :tenant, :uid, CAST(:teacher AS int), b."eventTypeId", :title, b.description, starts,
            ends, b.location, b.paid, CAST(:status AS "BookingStatus"), b."customInputs", b.responses,
            b.metadata, b."recurringEventId", coalesce(NULLIF(b."iCalUID", ''), b.uid),
            b."iCalSequence" + 1, b.uid,
            'api_v2', b."whitelistVerified", b."immersioEnrollmentId", CAST(:session AS int), :token,
            CASE :status WHEN 'pending' THEN starts END,
            CAST(:refundable AS timestamptz) AT TIME ZONE 'UTC', at
        FROM input, left_behind JOIN "Booking" b ON b.id = left_behind.id AND b."tenantId" = :tenant
        RETURNING id),
    attending AS (
        INSERT INTO "Attendee" ("tenantId", "bookingId", name, email, "timeZone", locale, "phoneNumber")
        SELECT :tenant, child.id, name, email, "timeZone", locale, "phoneNumber"
        FROM child, "Attendee" a WHERE a."bookingId" = :old AND a."tenantId" = :tenant ORDER BY a.id),
    paying AS (
        UPDATE "Payment" p SET "bookingId" = child.id
        FROM child WHERE p."bookingId" = :old AND p."tenantId" = :tenant),
    told AS (
        INSERT INTO "OutboxMessage" ("tenantId", topic, payload)
        SELECT :tenant, topic, payload || jsonb_build_object('by', CAST(:actor AS text))
        FROM child CROSS JOIN LATERAL (VALUES
            (1, 'booking.rescheduled', jsonb_build_object('bookingId', child.id, 'previousId', :old), true),
            (2, 'booking.rescheduled',
                jsonb_build_object('bookingId', child.id, 'previousId', :old, 'to', 'teacher'),
                CAST(:teacher AS int) IS NOT NULL),
            (3, 'booking.cancelled', jsonb_build_object('bookingId', :old, 'to', 'teacher'),
                CAST(:old_teacher AS int) <> CAST(:teacher AS int))) AS letter (turn, topic, payload, is_sent)
        WHERE is_sent ORDER BY turn)
    SELECT id FROM child
"""


def _statement(place: str) -> TextClause:
    return text(_MOVE.format(place=place, who=EMAIL_OF_ACTOR)).bindparams(
        bindparam("start", type_=BigInteger),
        bindparam("end", type_=BigInteger),
        bindparam("old", type_=Integer),
        bindparam("session", type_=Integer),
        bindparam("teacher", type_=Integer),
        bindparam("old_teacher", type_=Integer),
        bindparam("actor_id", type_=Integer),
        bindparam("uid", type_=Text),
        bindparam("status", type_=Text),
    )


MOVE_LESSON, MOVE_SEAT = _statement(_PLACE), _statement(_SEAT)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a booking goes: when (aware), with whom, under which title, in which session of its workshop."""

    start: datetime
    end: datetime
    teacher: Teacher | None
    title: str
    session_number: int | None = None


@dataclass(frozen=True, slots=True)
class Child:
    """The booking that goes on, and what is told of it."""

    id: int
    answer: BookingCreated


def move_booking(
    connection: Connection, booking: LockedBooking, command: Rescheduling, by: Actor, now: datetime
) -> Child:
    """Move what the caller has locked; nothing is asked again of whitelist and plan.

    Raises TenantSuspended, BookingMoved, BookingNotActive, PaymentOutstanding; of students BookingOver,
    ReschedulingDisabled, TooLateToReschedule; and what `move_lesson` and `move_seat` raise.
    """
    _refuse_what_may_not(booking, by, now)
    if booking.session_number is None:
        from shared.bookings.move_lesson import move_lesson

        return move_lesson(connection, booking, command, by, now)
    from shared.bookings.move_seat import move_seat

    return move_seat(connection, booking, command, by, now)


def write_child(
    connection: Connection,
    statement: TextClause,
    booking: LockedBooking,
    place: Place,
    by: Actor,
    now: datetime,
    buffers: tuple[int, int] = (0, 0),
) -> Child | None:
    """The booking at its new place, and the old one as moved; None when the time is somebody else's."""
    answer = _answer(booking, place, _status(booking, by), now)
    values = {
        "tenant": booking.tenant_id,
        "old": booking.id,
        "old_teacher": booking.teacher_id,
        "teacher": place.teacher and place.teacher.id,
        "start": int(place.start.timestamp()),
        "end": int(place.end.timestamp()),
        "title": place.title,
        "session": place.session_number,
        "uid": answer.uid,
        "token": answer.manage_token,
        "status": answer.status,
        "refundable": _refundable_until(booking, place.start, by, now),
        "actor": by.kind,
        "actor_id": by.user_id,
        "now": now,
    }
    if statement is MOVE_LESSON:
        values |= {"before": buffers[0], "after": buffers[1]}
    child = connection.execute(statement, values).scalar_one_or_none()
    if child is None:
        return None
    details = _moved(booking, place, answer.uid)
    record_event(connection, booking.tenant_id, booking.id, "RESCHEDULED", by, now, details)
    return Child(child, answer)


def _refuse_what_may_not(booking: LockedBooking, by: Actor, now: datetime) -> None:
    require_legal("RESCHEDULED", booking.status, moved=booking.moved)
    if booking.only_offered or booking.has_run_out(now):
        raise BookingNotActive(bookingStatus=booking.status)
    if booking.unpaid:
        raise PaymentOutstanding
    if not booking.tenant_active:
        raise TenantSuspended
    if by.kind != "ATTENDEE":
        return
    if booking.start <= now:
        raise BookingOver
    if booking.rescheduling_disabled:
        raise ReschedulingDisabled
    if booking.start - now < timedelta(minutes=booking.reschedule_notice):
        raise TooLateToReschedule(noticeMinutes=booking.reschedule_notice)


def _refundable_until(booking: LockedBooking, start: datetime, by: Actor, now: datetime) -> datetime | None:
    """The same distance from the new start; for the student who moves it, what has passed stays passed."""
    until = booking.refundable_until
    if until is None or (by.kind == "ATTENDEE" and not is_refundable(now, until)):
        return until
    return start - (booking.start - until)


def _status(booking: LockedBooking, by: Actor) -> Status:
    """Where the school confirms each time, it is asked again when the student chooses another."""
    if by.kind == "ATTENDEE" and booking.requires_confirmation:
        return "pending"
    return booking.status


def _answer(booking: LockedBooking, place: Place, status: Status, now: datetime) -> BookingCreated:
    try:
        shown_in = zone(booking.time_zone or "UTC")
    except UnknownTimeZone:
        shown_in = zone("UTC")
    return BookingCreated(
        uid=new_uid(now),
        status=status,
        start=place.start.astimezone(shown_in),
        end=place.end.astimezone(shown_in),
        event_type_id=booking.event_type_id or 0,
        teacher=place.teacher or Teacher(id=0, name=""),
        manage_token=new_token(),
        session_number=place.session_number,
    )


def _moved(booking: LockedBooking, place: Place, uid: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "from": booking.start.astimezone(UTC).isoformat(),
        "to": place.start.astimezone(UTC).isoformat(),
        "uid": uid,
    }
    if place.teacher and place.teacher.id != booking.teacher_id:
        told |= {"fromTeacherId": booking.teacher_id, "toTeacherId": place.teacher.id}
    return told
