"""A student books a lesson: two statements, one transaction, and nobody else has that time."""

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, Text, bindparam, text

from shared.bookings.errors import NotBookableOnline, NotWhitelisted, SlotNotOffered, SlotTaken
from shared.bookings.schemas import BookingCreated, NewBooking
from shared.errors import IdempotencyKeyInUse, IdempotencyKeyReused, TryAgain
from shared.event_types.schemas import Teacher
from shared.slots.find_slots import is_bookable
from shared.slots.offer import Offer, OfferedTeacher, load_offer, offer_statement
from shared.tenants.errors import PlanLimitReached
from shared.time_zones import zone

# Bookings this near count when any teacher will do and one is chosen.
AROUND_SECONDS = 12 * 60 * 60

_OFFER = offer_statement("""
    , t."maxBookingsPerMonth" AS allowed,
    (SELECT u."bookingsCount" FROM "TenantUsage" u
     WHERE u."tenantId" = t.id AND u.year = :year AND u.month = :month) AS used,
    EXISTS (SELECT FROM "WhitelistEntry" w
            WHERE w."eventTypeId" = e.id AND w."tenantId" = t.id AND w.email = :email) AS whitelisted,
    (SELECT json_build_object('requestHash', k."requestHash", 'answer', k.answer,
                              'manageToken', b."manageToken")
     FROM "IdempotencyKey" k JOIN "Booking" b ON b.id = k."bookingId" AND b."tenantId" = t.id
     WHERE k."tenantId" = t.id AND k.key = :key) AS first,
    CASE WHEN CAST(:key AS text) IS NULL THEN true
         ELSE pg_try_advisory_xact_lock(t.id, hashtext(:key)) END AS alone
""").bindparams(bindparam("key", type_=Text))

# The counter comes last: its row is the one that all bookings of a school wait for. A place that is
# taken leaves everything after it undone; a counter that may not grow is seen by the caller, who raises.
_BOOK = text("""
    WITH input AS (SELECT nextval(pg_get_serial_sequence('"Booking"', 'id'))::int AS id,
        CAST(:tenant AS int) AS tenant, CAST(:teacher AS int) AS teacher,
        to_timestamp(:start) AT TIME ZONE 'UTC' AS starts,
        to_timestamp(:end) AT TIME ZONE 'UTC' AS ends),
    place AS (
        INSERT INTO "TeacherOccupancy" ("tenantId", "teacherId", "bookingId", "startTime", "endTime",
                                        "busyFrom", "busyUntil")
        SELECT tenant, teacher, id, starts, ends, starts - make_interval(mins => :before),
               ends + make_interval(mins => :after)
        FROM input ON CONFLICT DO NOTHING RETURNING "bookingId"),
    booked AS (
        INSERT INTO "Booking" (id, "tenantId", uid, "userId", "eventTypeId", title, description,
            "startTime", "endTime", status, "whitelistVerified", "manageToken", "creationSource",
            "iCalUID")
        SELECT input.id, tenant, :uid, teacher, :event_type, :title, :notes, starts, ends,
               CAST(:status AS "BookingStatus"), :whitelisted, :token, 'api_v2', :uid
        FROM input, place RETURNING id),
    attending AS (
        INSERT INTO "Attendee" ("tenantId", "bookingId", name, email, "timeZone", locale)
        SELECT :tenant, id, :name, :email, :zone, :locale FROM booked RETURNING id),
    told AS (
        INSERT INTO "OutboxMessage" ("tenantId", topic, payload)
        SELECT :tenant, 'booking.created', jsonb_build_object('bookingId', id) FROM booked RETURNING id),
    remembered AS (
        INSERT INTO "IdempotencyKey" ("tenantId", key, "requestHash", "bookingId", answer)
        SELECT :tenant, CAST(:key AS text), :hash, id, CAST(:answer AS jsonb) FROM booked
        WHERE CAST(:key AS text) IS NOT NULL ON CONFLICT DO NOTHING RETURNING key),
    counted AS (
        INSERT INTO "TenantUsage" AS u ("tenantId", year, month, "bookingsCount")
        SELECT :tenant, :year, :month, 1 FROM attending, told
        WHERE coalesce(CAST(:allowed AS int), 1) > 0
        ON CONFLICT ("tenantId", year, month) DO UPDATE
            SET "bookingsCount" = u."bookingsCount" + 1, "updatedAt" = now() AT TIME ZONE 'UTC'
            WHERE CAST(:allowed AS int) IS NULL OR u."bookingsCount" < :allowed
        RETURNING u."bookingsCount")
    SELECT (SELECT count(*) FROM place) AS placed, (SELECT count(*) FROM counted) AS counted,
           (SELECT count(*) FROM remembered) AS remembered
""").bindparams(
    bindparam("start", type_=BigInteger),
    bindparam("end", type_=BigInteger),
    bindparam("key", type_=Text),
    bindparam("notes", type_=Text),
    bindparam("allowed", type_=Integer),
)


@dataclass(frozen=True, slots=True)
class Booked:
    """The answer, and whether it was given before to the same Idempotency-Key."""

    answer: BookingCreated
    replayed: bool = False


def create_booking(connection: Connection, command: NewBooking, key: str | None, now: datetime) -> Booked:
    """Book a free lesson at `now` for the tenant of the transaction.

    Raises TenantNotFound, TenantSuspended, EventTypeNotFound, TeacherNotFound, IdempotencyKeyInUse,
    IdempotencyKeyReused, NotBookableOnline, PlanLimitReached, NotWhitelisted, SlotNotOffered,
    SlotTaken; TryAgain when a request with the same key came in between.
    """
    start = int(command.start.timestamp())
    offer = load_offer(connection, _OFFER, _question(command, start, key, now))
    if not offer.row.alone:
        raise IdempotencyKeyInUse
    if offer.row.first is not None:
        return _first_answer(offer.row.first, command)
    _refuse_what_may_not(offer, now)
    for teacher in _free_teachers(offer, start, int(now.timestamp())):
        answer = _answer(command, offer, teacher, now)
        if _placed(connection, _values(command, offer, answer, key, now), now):
            return Booked(answer)
        _ask_again_for_the_first(key)
    raise SlotTaken


def _question(command: NewBooking, start: int, key: str | None, now: datetime) -> dict[str, Any]:
    return {
        "event_type": command.event_type_id,
        "teacher": command.teacher_id,
        "start": start - AROUND_SECONDS,
        "end": start + AROUND_SECONDS,
        "email": command.attendee.email,
        "key": key,
        "year": now.year,
        "month": now.month,
    }


def _first_answer(first: dict[str, Any], command: NewBooking) -> Booked:
    if first["requestHash"] != _hash(command):
        raise IdempotencyKeyReused
    told = {**first["answer"], "manageToken": first["manageToken"]}
    return Booked(BookingCreated.model_validate(told), replayed=True)


def _refuse_what_may_not(offer: Offer, now: datetime) -> None:
    row = offer.row
    if row.is_workshop or row.is_paid:
        raise NotBookableOnline(reason="workshop" if row.is_workshop else "payment")
    if row.allowed is not None and (row.used or 0) >= row.allowed:
        raise _limit_reached(row.used or 0, row.allowed, now)
    if row.whitelist_enabled and not row.whitelisted:
        raise NotWhitelisted


def _free_teachers(offer: Offer, start: int, now: int) -> list[OfferedTeacher]:
    """Who may be booked then, first who has least to do in the hours around it."""
    rules, teachers = offer.rules, offer.teachers
    free = [each for each in teachers if is_bookable(rules, each.schedule, each.busy, start, now)]
    if not free and not any(is_bookable(rules, each.schedule, (), start, now) for each in teachers):
        raise SlotNotOffered
    return sorted(free, key=lambda teacher: (len(teacher.busy), teacher.id))


def _answer(command: NewBooking, offer: Offer, teacher: OfferedTeacher, now: datetime) -> BookingCreated:
    shown_in = zone(command.attendee.time_zone)
    start = command.start.astimezone(shown_in)
    end = (command.start.astimezone(UTC) + timedelta(minutes=offer.rules.length)).astimezone(shown_in)
    return BookingCreated(
        uid=_new_uid(now),
        status="pending" if offer.row.requires_confirmation else "accepted",
        start=start,
        end=end,
        event_type_id=command.event_type_id,
        teacher=Teacher(id=teacher.id, name=teacher.name),
        manage_token=secrets.token_urlsafe(16),
    )


def _values(
    command: NewBooking, offer: Offer, answer: BookingCreated, key: str | None, now: datetime
) -> dict[str, Any]:
    attendee, row = command.attendee, offer.row
    return {
        "tenant": row.tenant_id,
        "teacher": answer.teacher.id,
        "event_type": row.id,
        "start": int(answer.start.timestamp()),
        "end": int(answer.end.timestamp()),
        "before": offer.rules.before_buffer,
        "after": offer.rules.after_buffer,
        "uid": answer.uid,
        "token": answer.manage_token,
        "title": f"{row.title} between {answer.teacher.name} and {attendee.name}",
        "notes": command.notes,
        "status": answer.status,
        "whitelisted": bool(row.whitelist_enabled),
        "name": attendee.name,
        "email": attendee.email,
        "zone": attendee.time_zone,
        "locale": attendee.locale,
        "key": key,
        "hash": _hash(command),
        "answer": answer.model_dump_json(by_alias=True, exclude={"manage_token"}),
        "year": now.year,
        "month": now.month,
        "allowed": row.allowed,
    }


def _placed(connection: Connection, values: dict[str, Any], now: datetime) -> bool:
    """Whether the booking is in; False when somebody was faster with the teacher's time."""
    done = connection.execute(_BOOK, values).one()
    if not done.placed:
        return False
    if not done.counted:
        _ask_again_for_the_first(values["key"])
        raise _limit_reached(values["allowed"], values["allowed"], now)
    if not done.remembered:
        _ask_again_for_the_first(values["key"])
    return True


def _ask_again_for_the_first(key: str | None) -> None:
    """What was free when we looked is not: the request that was faster may have had the same key.

    It may have committed between our look and our getting its lock. A look from the start tells: its
    answer, or the refusal that is ours.
    """
    if key is not None:
        raise TryAgain


def _limit_reached(used: int, allowed: int, now: datetime) -> PlanLimitReached:
    next_month = (now.replace(day=1) + timedelta(days=32)).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    return PlanLimitReached(
        limit="maxBookingsPerMonth", used=used, allowed=allowed, renewsAt=next_month.isoformat()
    )


def _hash(command: NewBooking) -> str:
    """Equal for equal requests, however their JSON was written."""
    same_instant = command.model_copy(update={"start": command.start.astimezone(UTC)})
    canonical = json.dumps(same_instant.model_dump(mode="json"), sort_keys=True)
    return sha256(canonical.encode()).hexdigest()


def _new_uid(now: datetime) -> str:
    """32 hex digits that grow with time, so that a large index stays warm; 80 bits are random."""
    return f"{int(now.timestamp() * 1000):012x}{secrets.token_hex(10)}"
