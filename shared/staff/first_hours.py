"""The hours that somebody who teaches begins with, as Cal.com gives them to everybody who is new there."""

from sqlalchemy import Connection, text

_HOURS = text("""
    WITH schedule AS (
        INSERT INTO "Schedule" ("tenantId", "userId", name, "timeZone")
        VALUES (:tenant, :teacher, 'Working hours', :zone) RETURNING id),
    hours AS (
        INSERT INTO "Availability" ("tenantId", "scheduleId", days, "startTime", "endTime")
        SELECT :tenant, id, '{1,2,3,4,5}', time '09:00', time '17:00' FROM schedule)
    UPDATE users SET "defaultScheduleId" = schedule.id FROM schedule
    WHERE users.id = :teacher AND users."tenantId" = :tenant
""")


def give_first_hours(connection: Connection, tenant_id: int, teacher_id: int, time_zone: str) -> None:
    """Weekdays from nine to five in their zone."""
    connection.execute(_HOURS, {"tenant": tenant_id, "teacher": teacher_id, "zone": time_zone})
