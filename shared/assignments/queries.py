"""Who teaches what, as the staff sees it: a teacher what they teach, an admin all."""

from datetime import UTC
from typing import Any

from sqlalchemy import Connection, Integer, Row, TextClause, bindparam, text

from shared.assignments.errors import AssignmentNotFound
from shared.assignments.schemas import AssignmentOfStaff, AssignmentsOfStaff, AssignmentsQuery
from shared.bookings.schemas import BookedEventType
from shared.event_types.schemas import Teacher
from shared.staff.find_staff import StaffMember

_COLUMNS = """
    SELECT a.id, a."scheduleId" AS schedule_id, a."recurrenceRule" AS rule, a."isPublished" AS is_published,
           a."createdAt" AS created_at, a."updatedAt" AS updated_at, e.id AS event_type_id, e.title, e.slug,
           u.id AS teacher_id, coalesce(u.name, '') AS teacher_name
    FROM "TeacherCourseAssignment" a
    JOIN "EventType" e ON e.id = a."eventTypeId" AND e."tenantId" = a."tenantId"
    JOIN users u ON u.id = a."teacherId" AND u."tenantId" = a."tenantId"
    WHERE a."tenantId" = :tenant AND (CAST(:own AS int) IS NULL OR a."teacherId" = :own)
"""


def _asked(condition: str) -> TextClause:
    return text(_COLUMNS + condition).bindparams(bindparam("own", type_=Integer))


_ONE = _asked("AND a.id = :id")
_LOCKED = _asked("AND a.id = :id FOR UPDATE OF a")
_PAGE = _asked("""
    AND a.id > :after AND (CAST(:event_type AS int) IS NULL OR a."eventTypeId" = :event_type)
    AND (CAST(:teacher AS int) IS NULL OR a."teacherId" = :teacher) ORDER BY a.id LIMIT :limit
""").bindparams(bindparam("event_type", type_=Integer), bindparam("teacher", type_=Integer))


def list_assignments(
    connection: Connection, staff: StaffMember, query: AssignmentsQuery
) -> AssignmentsOfStaff:
    """A page of them, by id."""
    rows = connection.execute(_PAGE, {
        "tenant": staff.tenant.id,
        "own": staff.only_own,
        "after": query.cursor or 0,
        "event_type": query.event_type_id,
        "teacher": query.teacher_id,
        "limit": query.limit + 1,
    }).all()  # fmt: skip
    shown = rows[: query.limit]
    return AssignmentsOfStaff(
        assignments=[_view(row) for row in shown],
        next_cursor=str(shown[-1].id) if len(rows) > len(shown) else None,
    )


def get_assignment(connection: Connection, staff: StaffMember, assignment_id: int) -> AssignmentOfStaff:
    """Raises AssignmentNotFound."""
    return _found(connection, staff, assignment_id, _ONE)


def lock_assignment(connection: Connection, staff: StaffMember, assignment_id: int) -> AssignmentOfStaff:
    """The same, which nobody else changes until the transaction ends."""
    return _found(connection, staff, assignment_id, _LOCKED)


def _found(
    connection: Connection, staff: StaffMember, assignment_id: int, query: TextClause
) -> AssignmentOfStaff:
    asked = {"tenant": staff.tenant.id, "own": staff.only_own, "id": assignment_id}
    row = connection.execute(query, asked).one_or_none()
    if row is None:
        raise AssignmentNotFound
    return _view(row)


def _view(row: Row[Any]) -> AssignmentOfStaff:
    return AssignmentOfStaff(
        id=row.id,
        event_type=BookedEventType(id=row.event_type_id, title=row.title, slug=row.slug),
        teacher=Teacher(id=row.teacher_id, name=row.teacher_name),
        schedule_id=row.schedule_id,
        recurrence_rule=row.rule if isinstance(row.rule, dict) else None,
        is_published=row.is_published,
        created_at=row.created_at.replace(tzinfo=UTC),
        updated_at=row.updated_at.replace(tzinfo=UTC),
    )
