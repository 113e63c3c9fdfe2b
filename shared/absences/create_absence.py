"""Somebody who teaches is away: nothing of these days is offered; what is booked stays."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, text

from shared.absences.queries import get_absence
from shared.absences.schemas import AbsenceOfStaff, NewAbsence
from shared.audit.record_audit import Subject, changes_between, record_audit
from shared.bookings.idempotency import request_hash
from shared.idempotency.answer_once import Answered, Request, answer_once
from shared.schedules.find_owner import find_owner
from shared.staff.find_staff import StaffMember

# From the first instant of the first day to the last of the last, as Cal.com keeps them.
_MAKE = text("""
    INSERT INTO "OutOfOfficeEntry" ("tenantId", "userId", uuid, start, "end", notes, "createdAt", "updatedAt")
    SELECT :tenant, :teacher, :uuid, CAST(:start AS date),
           CAST(:end AS date) + interval '1 day' - interval '1 millisecond', :notes, made.at, made.at
    FROM (SELECT CAST(:now AS timestamptz) AT TIME ZONE 'UTC' AS at) made
    RETURNING id
""")


def create_absence(
    connection: Connection, staff: StaffMember, command: NewAbsence, key: str | None, now: datetime
) -> Answered[AbsenceOfStaff]:
    """Once for a key.

    Raises NoSuchTeacher, also for a teacher who names another; InvalidRequest, IdempotencyKeyInUse,
    IdempotencyKeyReused.
    """
    tenant = staff.tenant.id

    def make() -> AbsenceOfStaff:
        teacher = find_owner(connection, staff, command.teacher_id).id
        values = {
            "tenant": tenant,
            "teacher": teacher,
            "uuid": str(uuid4()),
            **days(command.start, command.end),
        }
        made = connection.execute(_MAKE, {**values, "notes": command.notes, "now": now}).scalar_one()
        view = get_absence(connection, staff, made)
        subject, told = Subject("absence", view.id), changes_between(None, view)
        record_audit(connection, tenant, staff, "absence.created", subject, now, told)
        return view

    request = Request(tenant, "createAbsence", key, request_hash(command, str(staff.id)))
    return answer_once(connection, request, AbsenceOfStaff, make)


def days(start: date, end: date) -> dict[str, Any]:
    """As parameters; text, because a driver's date has no cast of its own."""
    return {"start": start.isoformat(), "end": end.isoformat()}
