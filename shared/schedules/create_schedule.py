"""Somebody who teaches gets another set of hours."""

from datetime import datetime

from sqlalchemy import Connection, text

from shared.audit.record_audit import Subject, changes_between, record_audit
from shared.bookings.idempotency import request_hash
from shared.idempotency.answer_once import Answered, Request, answer_once
from shared.schedules.find_owner import find_owner
from shared.schedules.queries import get_schedule
from shared.schedules.schemas import NewSchedule, ScheduleOfStaff
from shared.schedules.write_hours import make_default, write_hours
from shared.staff.find_staff import StaffMember

_MAKE = text("""
    INSERT INTO "Schedule" ("tenantId", "userId", name, "timeZone")
    VALUES (:tenant, :teacher, :name, :zone) RETURNING id
""")


def create_schedule(
    connection: Connection, staff: StaffMember, command: NewSchedule, key: str | None, now: datetime
) -> Answered[ScheduleOfStaff]:
    """Once for a key; the first one of somebody is their default.

    Raises NoSuchTeacher, also for a teacher who names another; InvalidRequest, IdempotencyKeyInUse,
    IdempotencyKeyReused.
    """
    tenant = staff.tenant.id

    def make() -> ScheduleOfStaff:
        owner = find_owner(connection, staff, command.teacher_id)
        values = {"tenant": tenant, "teacher": owner.id, "name": command.name, "zone": command.time_zone}
        schedule = int(connection.execute(_MAKE, values).scalar_one())
        write_hours(connection, tenant, schedule, command)
        if command.is_default or owner.has_no_default:
            make_default(connection, tenant, schedule, owner.id)
        made = get_schedule(connection, staff, schedule)
        subject, told = Subject("schedule", schedule), changes_between(None, made)
        record_audit(connection, tenant, staff, "schedule.created", subject, now, told)
        return made

    request = Request(tenant, "createSchedule", key, request_hash(command, str(staff.id)))
    return answer_once(connection, request, ScheduleOfStaff, make)
