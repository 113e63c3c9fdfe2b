"""Hours as the staff sees them: a teacher their own, an admin everybody's."""

from datetime import date
from typing import Any

from sqlalchemy import Connection, Integer, Row, TextClause, bindparam, text

from shared.event_types.schemas import Teacher
from shared.schedules.errors import ScheduleNotFound
from shared.schedules.schemas import (
    END_OF_DAY,
    DateHours,
    ScheduleOfStaff,
    SchedulesOfStaff,
    SchedulesQuery,
    WeeklyHours,
)
from shared.staff.find_staff import StaffMember

_COLUMNS = """
    SELECT s.id, s.name, coalesce(s."timeZone", u."timeZone") AS time_zone, u.id AS teacher_id,
           coalesce(u.name, '') AS teacher_name,
           u."defaultScheduleId" IS NOT DISTINCT FROM s.id AS is_default,
           (SELECT coalesce(json_agg(json_build_array(
                       v.days, v.date, to_char(v."startTime", 'HH24:MI'), to_char(v."endTime", 'HH24:MI'))
                       ORDER BY v.date, v."startTime", v.days, v.id), '[]')
            FROM "Availability" v WHERE v."scheduleId" = s.id AND v."tenantId" = s."tenantId") AS hours
    FROM "Schedule" s JOIN users u ON u.id = s."userId" AND u."tenantId" = s."tenantId"
    WHERE s."tenantId" = :tenant AND (CAST(:own AS int) IS NULL OR s."userId" = :own)
"""


def _asked(condition: str) -> TextClause:
    return text(_COLUMNS + condition).bindparams(bindparam("own", type_=Integer))


_ONE = _asked("AND s.id = :id")
_PAGE = _asked("""
    AND s.id > :after AND (CAST(:teacher AS int) IS NULL OR s."userId" = :teacher) ORDER BY s.id LIMIT :limit
""").bindparams(bindparam("teacher", type_=Integer))
_LOCK = text('SELECT id FROM "Schedule" WHERE id = :id AND "tenantId" = :tenant FOR UPDATE')


def list_schedules(connection: Connection, staff: StaffMember, query: SchedulesQuery) -> SchedulesOfStaff:
    """A page of them, by id."""
    rows = connection.execute(_PAGE, {
        "tenant": staff.tenant.id,
        "own": staff.only_own,
        "after": query.cursor or 0,
        "teacher": query.teacher_id,
        "limit": query.limit + 1,
    }).all()  # fmt: skip
    shown = rows[: query.limit]
    return SchedulesOfStaff(
        schedules=[_view(row) for row in shown],
        next_cursor=str(shown[-1].id) if len(rows) > len(shown) else None,
    )


def get_schedule(connection: Connection, staff: StaffMember, schedule_id: int) -> ScheduleOfStaff:
    """Raises ScheduleNotFound."""
    asked = {"tenant": staff.tenant.id, "own": staff.only_own, "id": schedule_id}
    row = connection.execute(_ONE, asked).one_or_none()
    if row is None:
        raise ScheduleNotFound
    return _view(row)


def lock_schedule(connection: Connection, staff: StaffMember, schedule_id: int) -> ScheduleOfStaff:
    """The same, which nobody else changes or refers to until the transaction ends."""
    connection.execute(_LOCK, {"tenant": staff.tenant.id, "id": schedule_id})
    return get_schedule(connection, staff, schedule_id)


def _view(row: Row[Any]) -> ScheduleOfStaff:
    """Not validated: Cal.com lets in what cannot be entered here."""
    return ScheduleOfStaff.model_construct(
        id=row.id,
        name=row.name,
        time_zone=row.time_zone,
        is_default=row.is_default,
        teacher=Teacher(id=row.teacher_id, name=row.teacher_name),
        weekly=[_weekly(days or [], start, end) for days, day, start, end in row.hours if day is None],
        overrides=[_of_date(day, start, end) for _, day, start, end in row.hours if day is not None],
    )


def _weekly(days: list[int], start: str, end: str) -> WeeklyHours:
    return WeeklyHours.model_construct(days=days, start=start, end=_told_end(start, end))


def _of_date(day: str, start: str, end: str) -> DateHours:
    """What starts when it ends opens nothing: the date is closed."""
    closed = start == end
    return DateHours.model_construct(
        date=date.fromisoformat(day),
        start=None if closed else start,
        end=None if closed else _told_end(start, end),
    )


def _told_end(start: str, end: str) -> str:
    """As slots read it: the last minute that Cal.com knows, and midnight, are the end of the day."""
    return END_OF_DAY if end in ("23:59", "00:00") and start != end else end
