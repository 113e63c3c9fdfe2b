"""The rows of a schedule's hours, as Cal.com keeps them: its last minute is the end of a day."""

import json
from typing import Any

from sqlalchemy import Connection, text

from shared.schedules.schemas import END_OF_DAY, ScheduleTerms

_CLEAR = text('DELETE FROM "Availability" WHERE "scheduleId" = :schedule AND "tenantId" = :tenant')
_WRITE = text("""
    INSERT INTO "Availability" ("tenantId", "scheduleId", days, date, "startTime", "endTime")
    SELECT :tenant, :schedule, CAST(h.days AS int[]), h.date, h.start, h.until
    FROM jsonb_to_recordset(CAST(:hours AS jsonb)) AS h(days text, date date, start time, until time)
""")
_MAKE_DEFAULT = text("""
    UPDATE users SET "defaultScheduleId" = :schedule WHERE id = :teacher AND "tenantId" = :tenant
""")


def write_hours(connection: Connection, tenant_id: int, schedule_id: int, terms: ScheduleTerms) -> None:
    """In place of those that are there."""
    known = {"tenant": tenant_id, "schedule": schedule_id}
    connection.execute(_CLEAR, known)
    connection.execute(_WRITE, {**known, "hours": json.dumps(_rows(terms))})


def make_default(connection: Connection, tenant_id: int, schedule_id: int, teacher_id: int) -> None:
    known = {"tenant": tenant_id, "schedule": schedule_id, "teacher": teacher_id}
    connection.execute(_MAKE_DEFAULT, known)


def _rows(terms: ScheduleTerms) -> list[dict[str, Any]]:
    weekly = [{"days": _array(each.days), **_span(each.start, each.end)} for each in terms.weekly]
    closed = "00:00"
    dates = [
        {"days": "{}", "date": each.date.isoformat(), **_span(each.start or closed, each.end or closed)}
        for each in terms.overrides
    ]
    return weekly + dates


def _array(days: list[int]) -> str:
    return "{" + ",".join(map(str, days)) + "}"


def _span(start: str, end: str) -> dict[str, str]:
    return {"start": start, "until": "23:59" if end == END_OF_DAY else end}
