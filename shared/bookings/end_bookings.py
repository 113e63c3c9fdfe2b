"""Bookings end before their time: cancelled, rejected or run out, each with all that follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ARRAY, Connection, Integer, Row, Text, bindparam, text

from shared.bookings.actors import EMAIL_OF_ACTOR, Actor
from shared.bookings.refunds import is_refundable, request_refunds
from shared.bookings.transitions import is_legal, target_of

Ending = Literal["CANCELLED", "REJECTED", "EXPIRED"]

_TOPICS: dict[Ending, str] = {
    "CANCELLED": "booking.cancelled",
    "REJECTED": "booking.rejected",
    "EXPIRED": "booking.expired",
}

# In the order of their ids, as everybody locks them. A hold is looked at again: it may have been confirmed.
_LOCK = text("""
    SELECT b.id, b.status::text AS status, b."holdExpiresAt" AT TIME ZONE 'UTC' AS hold_expires_at,
           coalesce(b."refundableUntil", b."startTime" - make_interval(hours => e."refundWindowHours"))
               AT TIME ZONE 'UTC' AS refundable_until
    FROM "Booking" b LEFT JOIN "EventType" e ON e.id = b."eventTypeId" AND e."tenantId" = b."tenantId"
    WHERE b.id = ANY(:ids) AND b."tenantId" = :tenant ORDER BY b.id FOR UPDATE OF b
""").bindparams(bindparam("ids", type_=ARRAY(Integer)))

# The place and the seat are freed by the triggers. Of the seats of a session its teacher is told once.
_END = text(f"""
    WITH input AS (SELECT CAST(:now AS timestamptz) AT TIME ZONE 'UTC' AS at, CAST(:reason AS text) AS reason,
                          CAST(:change AS text) AS change),
    ended AS (
        UPDATE "Booking" b SET status = CAST(:status AS "BookingStatus"), "updatedAt" = input.at,
            "iCalSequence" = b."iCalSequence" + 1, "cancelledBy" = {EMAIL_OF_ACTOR},
            "cancellationReason" = CASE WHEN change = 'REJECTED' THEN b."cancellationReason" ELSE reason END,
            "rejectionReason" = CASE WHEN change = 'REJECTED' THEN reason ELSE b."rejectionReason" END
        FROM input WHERE b.id = ANY(:ids) AND b."tenantId" = :tenant
        RETURNING b.id, b."userId", b."eventTypeId", b."workshopSessionNumber"),
    noted AS (
        INSERT INTO "BookingEvent" ("tenantId", "bookingId", type, actor, "actorId", details, "createdAt")
        SELECT :tenant, id, change, :actor, CAST(:actor_id AS int),
               CASE WHEN reason IS NOT NULL THEN jsonb_build_object('reason', reason) END, at
        FROM ended, input ORDER BY id),
    told AS (
        INSERT INTO "OutboxMessage" ("tenantId", topic, payload)
        SELECT :tenant, :topic, jsonb_build_object('bookingId', id, 'by', CAST(:actor AS text)) || whom
        FROM (SELECT *, "workshopSessionNumber" IS NULL OR id = min(id) OVER (
                  PARTITION BY "eventTypeId", "workshopSessionNumber") AS is_first FROM ended) each,
             (VALUES ('{{}}'::jsonb), ('{{"to": "teacher"}}')) AS letters (whom)
        WHERE whom = '{{}}' OR "userId" IS NOT NULL AND is_first ORDER BY id, whom)
    SELECT DISTINCT s.id FROM ended JOIN "WorkshopSession" s ON s."eventTypeId" = ended."eventTypeId"
        AND s."sessionNumber" = ended."workshopSessionNumber" AND s."tenantId" = :tenant
""").bindparams(  # noqa: S608  # only the constant of actors.py is put in
    bindparam("ids", type_=ARRAY(Integer)),
    bindparam("reason", type_=Text),
    bindparam("actor_id", type_=Integer),
)


@dataclass(frozen=True, slots=True)
class Ended:
    """The ids of the bookings that were ended, and of the workshop sessions whose seats that freed."""

    booking_ids: list[int]
    session_ids: list[int]


def end_bookings(
    connection: Connection,
    tenant_id: int,
    booking_ids: Sequence[int],
    change: Ending,
    by: Actor,
    reason: str | None,
    now: datetime,
) -> Ended:
    """End those that may end so at `now`, and leave the others as they are.

    A student's cancel is refunded by the deadline that held when the booking was made, every other ending
    always. Freed seats are not offered on here.
    """
    found = connection.execute(_LOCK, {"ids": list(booking_ids), "tenant": tenant_id}).all()
    ending = [row for row in found if _may_end(row, change, now)]
    if not ending:
        return Ended([], [])
    ids = [int(row.id) for row in ending]
    sessions = connection.execute(_END, _values(tenant_id, ids, change, by, reason, now)).scalars().all()
    if by.kind == "ATTENDEE":
        in_time = [int(row.id) for row in ending if _is_in_time(row, now)]
        request_refunds(connection, tenant_id, in_time, "ATTENDEE_IN_TIME", now)
    else:
        request_refunds(connection, tenant_id, ids, "SCHOOL", now)
    return Ended(ids, sorted(sessions))


def _may_end(row: Row[Any], change: Ending, now: datetime) -> bool:
    if change == "EXPIRED" and (row.hold_expires_at is None or row.hold_expires_at > now):
        return False
    return is_legal(change, row.status)


def _is_in_time(row: Row[Any], now: datetime) -> bool:
    """A request that the school has never confirmed is withdrawn in time whenever that is."""
    if row.status == "pending":
        return True
    return row.refundable_until is not None and is_refundable(now, row.refundable_until)


def _values(
    tenant_id: int, ids: list[int], change: Ending, by: Actor, reason: str | None, now: datetime
) -> dict[str, Any]:
    return {
        "tenant": tenant_id,
        "ids": ids,
        "change": change,
        "status": target_of(change),
        "topic": _TOPICS[change],
        "actor": by.kind,
        "actor_id": by.user_id,
        "reason": reason or None,
        "now": now,
    }
