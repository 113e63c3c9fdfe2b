"""Those who teach at a school, for its admins; also those that Cal.com made."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Boolean, Connection, Row, Text, bindparam, text

from shared.people.find_person import ERASED_DOMAIN
from shared.teachers.errors import NoSuchTeacher
from shared.teachers.schemas import (
    LockedTeacher,
    TeacherOfStaff,
    TeachersOfStaff,
    TeachersQuery,
    UpcomingBooking,
    UpcomingSession,
)

# Whoever was forgotten is nobody any more.
_COLUMNS = f"""
    SELECT u.id, coalesce(u.name, '') AS name, u.email, u."timeZone" AS time_zone,
           coalesce(u.locale, 'en') AS locale, u."defaultScheduleId" AS default_schedule_id,
           u.locked AS is_locked, u.created AS created_at
    FROM users u WHERE u."tenantId" = :tenant AND u."tenantRole" = 'TEACHER'
      AND right(u.email, {len(ERASED_DOMAIN)}) <> '{ERASED_DOMAIN}'
"""  # noqa: S608  # only the constant is put in
_ONE = text(f"{_COLUMNS} AND u.id = :id")
_LOCKED = text(f"{_COLUMNS} AND u.id = :id FOR NO KEY UPDATE OF u")
_PAGE = text(f"""
    {_COLUMNS} AND u.id > :after AND (CAST(:locked AS boolean) IS NULL OR u.locked = :locked)
      AND (CAST(:search AS text) IS NULL OR position(lower(:search) IN lower(u.name)) > 0
           OR position(lower(:search) IN lower(u.email)) > 0)
    ORDER BY u.id LIMIT :limit
""").bindparams(bindparam("locked", type_=Boolean), bindparam("search", type_=Text))
_BOOKINGS = text("""
    SELECT uid, title, "startTime" AT TIME ZONE 'UTC' AS start, "endTime" AT TIME ZONE 'UTC' AS "end",
           "workshopSessionNumber" AS session_number
    FROM "Booking" WHERE "tenantId" = :tenant AND "userId" = :id AND status IN ('accepted', 'pending')
      AND "startTime" > CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
    ORDER BY "startTime", id LIMIT 100
""")
_SESSIONS = text("""
    SELECT "eventTypeId" AS event_type_id, "sessionNumber" AS session_number, "seatsTaken" AS seats_taken,
           "startTime" AT TIME ZONE 'UTC' AS start, "endTime" AT TIME ZONE 'UTC' AS "end"
    FROM "WorkshopSession" WHERE "tenantId" = :tenant AND "teacherId" = :id AND "cancelledAt" IS NULL
      AND "startTime" > CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
    ORDER BY "startTime", id LIMIT 100
""")


def list_teachers(connection: Connection, tenant_id: int, query: TeachersQuery) -> TeachersOfStaff:
    """A page of them, by id."""
    rows = connection.execute(_PAGE, {
        "tenant": tenant_id,
        "after": query.cursor or 0,
        "locked": query.locked,
        "search": query.search,
        "limit": query.limit + 1,
    }).all()  # fmt: skip
    shown = rows[: query.limit]
    return TeachersOfStaff(
        teachers=[_view(row) for row in shown],
        next_cursor=str(shown[-1].id) if len(rows) > len(shown) else None,
    )


def get_teacher(connection: Connection, tenant_id: int, teacher_id: int) -> TeacherOfStaff:
    """Raises NoSuchTeacher."""
    return _found(connection.execute(_ONE, {"tenant": tenant_id, "id": teacher_id}).one_or_none())


def lock_row_of_teacher(connection: Connection, tenant_id: int, teacher_id: int) -> TeacherOfStaff:
    """The same, whom nobody else changes until the transaction ends."""
    return _found(connection.execute(_LOCKED, {"tenant": tenant_id, "id": teacher_id}).one_or_none())


def with_what_is_to_come(
    connection: Connection, tenant_id: int, teacher: TeacherOfStaff, now: datetime
) -> LockedTeacher:
    """With the bookings and sessions that begin after `now`."""
    asked = {"tenant": tenant_id, "id": teacher.id, "now": now}
    return LockedTeacher.model_construct(
        **dict(teacher),
        upcoming_bookings=[UpcomingBooking(**row) for row in connection.execute(_BOOKINGS, asked).mappings()],
        upcoming_sessions=[UpcomingSession(**row) for row in connection.execute(_SESSIONS, asked).mappings()],
    )


def _found(row: Row[Any] | None) -> TeacherOfStaff:
    if row is None:
        raise NoSuchTeacher
    return _view(row)


def _view(row: Row[Any]) -> TeacherOfStaff:
    """Not validated: Cal.com lets in what cannot be entered here."""
    told = dict(row._mapping)
    return TeacherOfStaff.model_construct(**{**told, "created_at": row.created_at.replace(tzinfo=UTC)})
