"""Somebody teaches an event type no more; what is booked with them stays."""

from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import Connection, text

from shared.assignments.queries import lock_assignment
from shared.audit.record_audit import Subject, changes_between, record_audit
from shared.staff.find_staff import StaffMember

_DELETE = text('DELETE FROM "TeacherCourseAssignment" WHERE id = :id AND "tenantId" = :tenant')


def delete_assignment(
    connection: Connection,
    staff: StaffMember,
    assignment_id: int,
    check_unchanged: Callable[[BaseModel], None],
    now: datetime,
) -> None:
    """Raises AssignmentNotFound, what `check_unchanged` raises."""
    before = lock_assignment(connection, staff, assignment_id)
    check_unchanged(before)
    connection.execute(_DELETE, {"id": assignment_id, "tenant": staff.tenant.id})
    subject, told = Subject("assignment", assignment_id), changes_between(before, None)
    record_audit(connection, staff.tenant.id, staff, "assignment.deleted", subject, now, told)
