"""Hours that nothing follows from go."""

from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import Connection, text

from shared.audit.record_audit import Subject, changes_between, record_audit
from shared.schedules.errors import ScheduleInUse
from shared.schedules.queries import lock_schedule
from shared.staff.find_staff import StaffMember

_ASSIGNED = text("""
    SELECT EXISTS (SELECT FROM "TeacherCourseAssignment" WHERE "scheduleId" = :id AND "tenantId" = :tenant)
        OR EXISTS (SELECT FROM "EventType" WHERE "scheduleId" = :id AND "tenantId" = :tenant)
""")
# Cal.com's reference from the hours does not take them along.
_DELETE = text("""
    WITH hours AS (
        DELETE FROM "Availability" WHERE "scheduleId" = :id AND "tenantId" = :tenant)
    DELETE FROM "Schedule" WHERE id = :id AND "tenantId" = :tenant
""")


def delete_schedule(
    connection: Connection,
    staff: StaffMember,
    schedule_id: int,
    check_unchanged: Callable[[BaseModel], None],
    now: datetime,
) -> None:
    """With its hours. Raises ScheduleNotFound, what `check_unchanged` raises, ScheduleInUse."""
    before = lock_schedule(connection, staff, schedule_id)
    check_unchanged(before)
    asked = {"id": schedule_id, "tenant": staff.tenant.id}
    if before.is_default:
        raise ScheduleInUse(reason="default")
    if connection.execute(_ASSIGNED, asked).scalar_one():
        raise ScheduleInUse(reason="assigned")
    connection.execute(_DELETE, asked)
    subject, told = Subject("schedule", schedule_id), changes_between(before, None)
    record_audit(connection, staff.tenant.id, staff, "schedule.deleted", subject, now, told)
