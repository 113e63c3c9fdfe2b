"""Absences as the staff sees them: a teacher their own, an admin everybody's."""

from datetime import UTC
from typing import Any

from sqlalchemy import Connection, Date, Integer, Row, TextClause, bindparam, text

from shared.absences.errors import AbsenceNotFound
from shared.absences.schemas import AbsenceOfStaff, AbsencesOfStaff, AbsencesQuery
from shared.event_types.schemas import Teacher
from shared.staff.find_staff import StaffMember

_COLUMNS = """
    SELECT w.id, w.start::date AS start, w."end"::date AS "end", w.notes, w."createdAt" AS created_at,
           u.id AS teacher_id, coalesce(u.name, '') AS teacher_name
    FROM "OutOfOfficeEntry" w JOIN users u ON u.id = w."userId" AND u."tenantId" = w."tenantId"
    WHERE w."tenantId" = :tenant AND (CAST(:own AS int) IS NULL OR w."userId" = :own)
"""


def _asked(condition: str) -> TextClause:
    return text(_COLUMNS + condition).bindparams(bindparam("own", type_=Integer))


_ONE = _asked("AND w.id = :id")
_LOCKED = _asked("AND w.id = :id FOR UPDATE OF w")
_PAGE = _asked("""
    AND w.id > :after AND (CAST(:teacher AS int) IS NULL OR w."userId" = :teacher)
    AND (CAST(:since AS date) IS NULL OR w."end"::date >= :since) ORDER BY w.id LIMIT :limit
""").bindparams(bindparam("teacher", type_=Integer), bindparam("since", type_=Date))


def list_absences(connection: Connection, staff: StaffMember, query: AbsencesQuery) -> AbsencesOfStaff:
    """A page of them, by id."""
    rows = connection.execute(_PAGE, {
        "tenant": staff.tenant.id,
        "own": staff.only_own,
        "after": query.cursor or 0,
        "teacher": query.teacher_id,
        "since": query.since,
        "limit": query.limit + 1,
    }).all()  # fmt: skip
    shown = rows[: query.limit]
    return AbsencesOfStaff(
        absences=[_view(row) for row in shown],
        next_cursor=str(shown[-1].id) if len(rows) > len(shown) else None,
    )


def get_absence(connection: Connection, staff: StaffMember, absence_id: int) -> AbsenceOfStaff:
    """Raises AbsenceNotFound."""
    return _found(connection, staff, absence_id, _ONE)


def lock_absence(connection: Connection, staff: StaffMember, absence_id: int) -> AbsenceOfStaff:
    """The same, which nobody else changes until the transaction ends."""
    return _found(connection, staff, absence_id, _LOCKED)


def _found(connection: Connection, staff: StaffMember, absence_id: int, query: TextClause) -> AbsenceOfStaff:
    asked = {"tenant": staff.tenant.id, "own": staff.only_own, "id": absence_id}
    row = connection.execute(query, asked).one_or_none()
    if row is None:
        raise AbsenceNotFound
    return _view(row)


def _view(row: Row[Any]) -> AbsenceOfStaff:
    """Not validated: Cal.com lets in what cannot be entered here."""
    return AbsenceOfStaff.model_construct(
        id=row.id,
        start=row.start,
        end=row.end,
        notes=row.notes,
        teacher=Teacher(id=row.teacher_id, name=row.teacher_name),
        created_at=row.created_at.replace(tzinfo=UTC),
    )
