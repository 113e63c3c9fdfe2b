"""Somebody teaches an event type from now on."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, bindparam, text
from sqlalchemy.exc import DBAPIError

from shared.assignments.errors import AlreadyAssigned
from shared.assignments.queries import get_assignment
from shared.assignments.schemas import AssignmentOfStaff, AssignmentTerms, NewAssignment
from shared.audit.record_audit import Subject, changes_between, record_audit
from shared.bookings.idempotency import request_hash
from shared.event_types.staff_queries import get_event_type_of_staff
from shared.idempotency.answer_once import Answered, Request, answer_once
from shared.schedules.errors import ScheduleNotFound
from shared.schedules.find_owner import find_owner
from shared.sqlstates import UNIQUE_VIOLATION, sqlstate
from shared.staff.find_staff import StaffMember

_SCHEDULE = text("""
    SELECT EXISTS (SELECT FROM "Schedule" WHERE id = :id AND "userId" = :teacher AND "tenantId" = :tenant)
""")
_MAKE = text("""
    INSERT INTO "TeacherCourseAssignment"
        ("tenantId", "eventTypeId", "teacherId", "scheduleId", "recurrenceRule", "isPublished", "createdAt",
         "updatedAt")
    SELECT :tenant, :event_type, :teacher, CAST(:schedule AS int), CAST(:rule AS jsonb), :published, made.at,
           made.at
    FROM (SELECT CAST(:now AS timestamptz) AT TIME ZONE 'UTC' AS at) made
    RETURNING id
""").bindparams(bindparam("rule", type_=Text))


def create_assignment(
    connection: Connection, staff: StaffMember, command: NewAssignment, key: str | None, now: datetime
) -> Answered[AssignmentOfStaff]:
    """Once for a key.

    Raises EventTypeNotFound, NoSuchTeacher, ScheduleNotFound for one that is not the teacher's,
    AlreadyAssigned, IdempotencyKeyInUse, IdempotencyKeyReused.
    """
    tenant = staff.tenant.id

    def make() -> AssignmentOfStaff:
        get_event_type_of_staff(connection, tenant, command.event_type_id)
        teacher = find_owner(connection, staff, command.teacher_id).id
        require_own_schedule(connection, tenant, teacher, command.schedule_id)
        values = {"tenant": tenant, "event_type": command.event_type_id, "teacher": teacher}
        view = get_assignment(connection, staff, _insert(connection, {**values, **terms_of(command, now)}))
        subject, told = Subject("assignment", view.id), changes_between(None, view)
        record_audit(connection, tenant, staff, "assignment.created", subject, now, told)
        return view

    request = Request(tenant, "createAssignment", key, request_hash(command))
    return answer_once(connection, request, AssignmentOfStaff, make)


def require_own_schedule(
    connection: Connection, tenant_id: int, teacher_id: int, schedule_id: int | None
) -> None:
    """Raises ScheduleNotFound."""
    asked = {"id": schedule_id, "teacher": teacher_id, "tenant": tenant_id}
    if schedule_id is not None and not connection.execute(_SCHEDULE, asked).scalar_one():
        raise ScheduleNotFound


def terms_of(terms: AssignmentTerms, now: datetime) -> dict[str, Any]:
    """As parameters."""
    rule = terms.recurrence_rule and terms.recurrence_rule.model_dump(exclude_none=True)
    return {
        "schedule": terms.schedule_id,
        "rule": json.dumps(rule) if rule else None,
        "published": terms.is_published,
        "now": now,
    }


def _insert(connection: Connection, values: dict[str, Any]) -> int:
    try:
        return int(connection.execute(_MAKE, values).scalar_one())
    except DBAPIError as error:
        if sqlstate(error) == UNIQUE_VIOLATION:
            raise AlreadyAssigned from None
        raise
