"""Somebody teaches no more, or again: what is booked with them stays until the school sees to it."""

from datetime import datetime

from sqlalchemy import Connection, text

from shared.audit.record_audit import Subject, record_audit
from shared.plans.check_plan import require_room
from shared.staff.find_staff import StaffMember
from shared.teachers.queries import get_teacher, lock_row_of_teacher, with_what_is_to_come
from shared.teachers.schemas import LockedTeacher, TeacherOfStaff

_WRITE = text('UPDATE users SET locked = :locked WHERE id = :id AND "tenantId" = :tenant')


def lock_teacher(connection: Connection, staff: StaffMember, teacher_id: int, now: datetime) -> LockedTeacher:
    """They do not sign in, and neither their times nor their sessions are booked from now on.

    Nothing is cancelled. Raises NoSuchTeacher.
    """
    locked = _set(connection, staff, teacher_id, now, locked=True)
    return with_what_is_to_come(connection, staff.tenant.id, locked, now)


def unlock_teacher(
    connection: Connection, staff: StaffMember, teacher_id: int, now: datetime
) -> TeacherOfStaff:
    """They count on the plan again. Raises NoSuchTeacher, PlanLimitReached."""
    return _set(connection, staff, teacher_id, now, locked=False)


def _set(
    connection: Connection, staff: StaffMember, teacher_id: int, now: datetime, *, locked: bool
) -> TeacherOfStaff:
    tenant = staff.tenant.id
    before = lock_row_of_teacher(connection, tenant, teacher_id)
    if before.is_locked == locked:
        return before
    if not locked:
        require_room(connection, tenant, "maxTeachers")
    connection.execute(_WRITE, {"locked": locked, "id": teacher_id, "tenant": tenant})
    action = "teacher.locked" if locked else "teacher.unlocked"
    record_audit(connection, tenant, staff, action, Subject("teacher", teacher_id), now)
    return get_teacher(connection, tenant, teacher_id)
