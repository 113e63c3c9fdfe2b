"""Somebody teaches in other hours, on other days, or not for the moment."""

from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import Connection, Text, bindparam, text

from shared.assignments.create_assignment import require_own_schedule, terms_of
from shared.assignments.queries import get_assignment, lock_assignment
from shared.assignments.schemas import AssignmentOfStaff, AssignmentTerms
from shared.audit.record_audit import Subject, changes_between, record_audit
from shared.changes import merged
from shared.staff.find_staff import StaffMember

_WRITE = text("""
    UPDATE "TeacherCourseAssignment" SET "scheduleId" = CAST(:schedule AS int),
        "recurrenceRule" = CAST(:rule AS jsonb), "isPublished" = :published,
        "updatedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
    WHERE id = :id AND "tenantId" = :tenant
""").bindparams(bindparam("rule", type_=Text))


def change_assignment(
    connection: Connection,
    staff: StaffMember,
    assignment_id: int,
    changes: BaseModel,
    check_unchanged: Callable[[BaseModel], None],
    now: datetime,
) -> AssignmentOfStaff:
    """The assignment as it is then; what is booked stays.

    Raises AssignmentNotFound, what `check_unchanged` raises, InvalidRequest, ScheduleNotFound.
    """
    tenant = staff.tenant.id
    before = lock_assignment(connection, staff, assignment_id)
    check_unchanged(before)
    terms = merged(AssignmentTerms, before, changes)
    require_own_schedule(connection, tenant, before.teacher.id, terms.schedule_id)
    connection.execute(_WRITE, {**terms_of(terms, now), "id": assignment_id, "tenant": tenant})
    after = get_assignment(connection, staff, assignment_id)
    subject, told = Subject("assignment", assignment_id), changes_between(before, after)
    record_audit(connection, tenant, staff, "assignment.updated", subject, now, told)
    return after
