"""The students of a school, for its admins: to find them, and to see what there is of them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Text, bindparam, text

from shared.students.errors import StudentNotFound
from shared.students.schemas import StudentOfStaff, StudentsOfStaff, StudentsQuery, StudentWithBookings

_COLUMNS = """
    SELECT u.id, u.name, u.email, u."timeZone" AS time_zone, u.locale, u."immersioUserId" AS immersio_user_id,
           u.locked AS is_locked, u.created AS created_at
"""

_PAGE = text(f"""
    {_COLUMNS}
    FROM users u WHERE u."tenantId" = :tenant AND u."tenantRole" = 'STUDENT' AND u.id > :after
      AND (CAST(:email AS text) IS NULL OR lower(u.email) = :email)
      AND (CAST(:search AS text) IS NULL OR position(lower(:search) IN lower(u.name)) > 0
           OR position(lower(:search) IN lower(u.email)) > 0)
    ORDER BY u.id LIMIT :limit
""").bindparams(bindparam("email", type_=Text), bindparam("search", type_=Text))
# The bookings of the address first: few, and found by an index.
_ONE = text(f"""
    {_COLUMNS}, counted.bookings, counted.upcoming_bookings
    FROM users u CROSS JOIN LATERAL (
        SELECT count(*) AS bookings, count(*) FILTER (
                   WHERE b.status IN ('accepted', 'pending')
                     AND b."startTime" > CAST(:now AS timestamptz) AT TIME ZONE 'UTC') AS upcoming_bookings
        FROM "Attendee" a JOIN "Booking" b ON b.id = a."bookingId" AND b."tenantId" = a."tenantId"
        WHERE a."tenantId" = :tenant AND a.email = lower(u.email)) counted
    WHERE u."tenantId" = :tenant AND u."tenantRole" = 'STUDENT' AND u.id = :id
""")  # noqa: S608  # only the columns above are put in


def list_students(connection: Connection, tenant_id: int, query: StudentsQuery) -> StudentsOfStaff:
    """A page of them, by id."""
    rows = connection.execute(_PAGE, {
        "tenant": tenant_id,
        "after": query.cursor or 0,
        "email": query.email,
        "search": query.search,
        "limit": query.limit + 1,
    }).all()  # fmt: skip
    shown = rows[: query.limit]
    return StudentsOfStaff(
        students=[StudentOfStaff(**_told(row)) for row in shown],
        next_cursor=str(shown[-1].id) if len(rows) > len(shown) else None,
    )


def get_student(
    connection: Connection, tenant_id: int, student_id: int, now: datetime
) -> StudentWithBookings:
    """Raises StudentNotFound."""
    row = connection.execute(_ONE, {"tenant": tenant_id, "id": student_id, "now": now}).one_or_none()
    if row is None:
        raise StudentNotFound
    return StudentWithBookings(**_told(row))


def _told(row: Row[Any]) -> dict[str, Any]:
    return {**row._mapping, "created_at": row.created_at.replace(tzinfo=UTC)}
