"""The rows of a workshop's sessions, as the school plans them: read under lock, made, removed, limited."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, Connection, Integer, Row, bindparam, text
from sqlalchemy.exc import DBAPIError

from shared.errors import TryAgain
from shared.sqlstates import EXCLUSION_VIOLATION, sqlstate
from shared.workshops.recurrence import Occurrence

_LOCK_TEACHER = text("SELECT pg_advisory_xact_lock(CAST(:tenant AS int), CAST(:teacher AS int)) IS NULL")
_LOCK = text("""
    SELECT id FROM "WorkshopSession" WHERE "eventTypeId" = :event_type AND "tenantId" = :tenant
    ORDER BY id FOR UPDATE
""")
# A look of its own, after the lock: whoever was faster is seen.
_READ = text("""
    SELECT s.id, s."sessionNumber" AS number, s."teacherId" AS teacher, s."seatsTaken" AS seats_taken,
           s."startTime" AT TIME ZONE 'UTC' AS start, s."endTime" AT TIME ZONE 'UTC' AS end,
           s."cancelledAt" IS NOT NULL AS is_cancelled,
           EXISTS (SELECT FROM "WaitlistEntry" w WHERE w."sessionId" = s.id AND w."tenantId" = s."tenantId"
                   AND w.status IN ('WAITING', 'OFFERED')) AS has_waiting
    FROM "WorkshopSession" s WHERE s."eventTypeId" = :event_type AND s."tenantId" = :tenant
    ORDER BY s."startTime"
""")
_REMOVE = text("""
    DELETE FROM "WorkshopSession" WHERE "tenantId" = :tenant AND id = ANY(:ids)
""").bindparams(bindparam("ids", type_=ARRAY(Integer)))
_LIMIT = text("""
    UPDATE "WorkshopSession" SET "seatLimit" = CAST(:limit AS int),
        "updatedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
    WHERE "tenantId" = :tenant AND id = ANY(:ids)
""").bindparams(bindparam("ids", type_=ARRAY(Integer)))
# Absences name days of the teacher's calendar, as for lessons.
_CLASHES = text("""
    SELECT i.starts, min(taken.reason) AS reason
    FROM jsonb_to_recordset(CAST(:sessions AS jsonb))
        AS i(starts timestamptz, ends timestamptz, "firstDay" date, "lastDay" date)
    CROSS JOIN LATERAL (
        SELECT 'booked' AS reason FROM "TeacherOccupancy"
        WHERE "tenantId" = :tenant AND "teacherId" = :teacher
          AND "busyUntil" > i.starts AT TIME ZONE 'UTC' AND "busyFrom" < i.ends AT TIME ZONE 'UTC'
        UNION ALL
        SELECT 'away' FROM "OutOfOfficeEntry"
        WHERE "tenantId" = :tenant AND "userId" = :teacher
          AND "end"::date >= i."firstDay" AND start::date <= i."lastDay") taken
    GROUP BY i.starts
""")
_MAKE = text("""
    INSERT INTO "WorkshopSession" ("tenantId", "eventTypeId", "sessionNumber", "teacherId", "startTime",
                                   "endTime", "seatLimit")
    SELECT :tenant, :event_type, i.number, :teacher, i.starts AT TIME ZONE 'UTC', i.ends AT TIME ZONE 'UTC',
           CAST(:limit AS int)
    FROM jsonb_to_recordset(CAST(:sessions AS jsonb)) AS i(number int, starts timestamptz, ends timestamptz)
    ORDER BY i.number
""")


Workshop = dict[str, int]
"""Names the rows of one workshop: `tenant` and `event_type`."""


def locked_sessions(connection: Connection, workshop: Workshop, teacher: int) -> Sequence[Row[Any]]:
    """All of them, by their start; nobody else plans for that teacher until the transaction ends.

    A row has id, number, teacher, seats_taken, start, end (UTC), is_cancelled and has_waiting.
    """
    connection.execute(_LOCK_TEACHER, {**workshop, "teacher": teacher})
    connection.execute(_LOCK, workshop)
    return connection.execute(_READ, workshop).all()


def remove_sessions(connection: Connection, workshop: Workshop, ids: list[int]) -> None:
    """Only for those that are empty: bookings name a session by its number."""
    connection.execute(_REMOVE, {**workshop, "ids": ids})


def limit_sessions(
    connection: Connection, workshop: Workshop, ids: list[int], seats: int, now: datetime
) -> None:
    """The constraint refuses fewer seats than are taken."""
    connection.execute(_LIMIT, {**workshop, "ids": ids, "limit": seats, "now": now})


def clashes_of(
    connection: Connection, workshop: Workshop, teacher: int, at_home: ZoneInfo, wanted: list[Occurrence]
) -> dict[datetime, str]:
    """`booked` or `away`, by the starts at which the teacher, who lives in that zone, has something else."""
    sessions = json.dumps([_on_calendar(one, at_home) for one in wanted])
    told = connection.execute(_CLASHES, {**workshop, "teacher": teacher, "sessions": sessions})
    return {row.starts: row.reason for row in told}


def make_sessions(
    connection: Connection,
    workshop: Workshop,
    teacher: int,
    wanted: list[Occurrence],
    seats: int | None,
    last_number: int,
) -> list[int]:
    """The new sessions' numbers. Raises TryAgain when somebody was faster with the teacher's time."""
    sessions = json.dumps(
        [{"number": number, **_span(one)} for number, one in enumerate(wanted, start=last_number + 1)]
    )
    values = {**workshop, "teacher": teacher, "limit": seats, "sessions": sessions}
    try:
        connection.execute(_MAKE, values)
    except DBAPIError as error:
        if sqlstate(error) == EXCLUSION_VIOLATION:
            raise TryAgain from error
        raise
    return list(range(last_number + 1, last_number + 1 + len(wanted)))


def _span(one: Occurrence) -> dict[str, str]:
    return {"starts": one.start.isoformat(), "ends": one.end.isoformat()}


def _on_calendar(one: Occurrence, at_home: ZoneInfo) -> dict[str, str]:
    """With the days that it touches there; one that ends at midnight does not touch the next."""
    last = one.end - timedelta(microseconds=1)
    days = {"firstDay": one.start, "lastDay": last}
    return _span(one) | {name: at.astimezone(at_home).date().isoformat() for name, at in days.items()}
