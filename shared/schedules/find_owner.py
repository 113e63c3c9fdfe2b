"""Whose hours and absences somebody of the staff may enter."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from shared.errors import InvalidRequest
from shared.staff.find_staff import StaffMember
from shared.teachers.errors import NoSuchTeacher

# An admin may teach as well.
_OWNER = text("""
    SELECT id, "defaultScheduleId" IS NULL AS has_no_default FROM users
    WHERE id = :id AND "tenantId" = :tenant AND "tenantRole" IN ('TEACHER', 'TENANT_ADMIN')
    FOR NO KEY UPDATE
""")


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody who teaches, whose row is locked; they may have no default schedule yet."""

    id: int
    has_no_default: bool


def find_owner(connection: Connection, staff: StaffMember, teacher_id: int | None) -> Owner:
    """Who is asking, when nobody is named.

    Raises NoSuchTeacher, also for a teacher who names another; InvalidRequest for a super admin who is
    nobody at the school.
    """
    wanted = staff.id_at_school if teacher_id is None else teacher_id
    if wanted is None:
        raise InvalidRequest("say which teacher", pointer="/teacherId")
    if staff.only_own not in (None, wanted):
        raise NoSuchTeacher
    row = connection.execute(_OWNER, {"id": wanted, "tenant": staff.tenant.id}).one_or_none()
    if row is None:
        raise NoSuchTeacher
    return Owner(row.id, row.has_no_default)
