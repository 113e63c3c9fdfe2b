"""Hours change from now on; what is booked stays where it is."""

from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import Connection, text

from shared.audit.record_audit import Subject, changes_between, record_audit
from shared.changes import merged
from shared.errors import InvalidRequest
from shared.schedules.queries import get_schedule, lock_schedule
from shared.schedules.schemas import ScheduleOfStaff, ScheduleTerms
from shared.schedules.write_hours import make_default, write_hours
from shared.staff.find_staff import StaffMember

_WRITE = text("""
    UPDATE "Schedule" SET name = :name, "timeZone" = :zone WHERE id = :id AND "tenantId" = :tenant
""")


def change_schedule(
    connection: Connection,
    staff: StaffMember,
    schedule_id: int,
    changes: BaseModel,
    check_unchanged: Callable[[BaseModel], None],
    now: datetime,
) -> ScheduleOfStaff:
    """The schedule as it is then.

    Raises ScheduleNotFound, what `check_unchanged` raises, InvalidRequest.
    """
    tenant = staff.tenant.id
    before = lock_schedule(connection, staff, schedule_id)
    check_unchanged(before)
    terms = merged(ScheduleTerms, before, changes)
    if before.is_default and not terms.is_default:
        raise InvalidRequest("make another schedule the default one", pointer="/isDefault")
    values = {"name": terms.name, "zone": terms.time_zone, "id": schedule_id, "tenant": tenant}
    connection.execute(_WRITE, values)
    write_hours(connection, tenant, schedule_id, terms)
    if terms.is_default:
        make_default(connection, tenant, schedule_id, before.teacher.id)
    after = get_schedule(connection, staff, schedule_id)
    subject, told = Subject("schedule", schedule_id), changes_between(before, after)
    record_audit(connection, tenant, staff, "schedule.updated", subject, now, told)
    return after
