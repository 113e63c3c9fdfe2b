"""The school takes on somebody who teaches: their account, their first hours, and an invitation."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from shared.audit.record_audit import Subject, record_audit
from shared.bookings.idempotency import request_hash
from shared.idempotency.answer_once import Answered, Request, answer_once
from shared.plans.check_plan import require_room
from shared.sqlstates import UNIQUE_VIOLATION, sqlstate
from shared.staff.errors import EmailTaken
from shared.staff.find_staff import StaffMember
from shared.teachers.invite_teacher import send_invitation
from shared.teachers.queries import get_teacher
from shared.teachers.schemas import NewTeacher, TeacherOfStaff

_ACCOUNT = text("""
    INSERT INTO users ("tenantId", "tenantRole", uuid, name, email, "timeZone", locale, created)
    VALUES (:tenant, 'TEACHER', :uuid, :name, :email, :zone, :locale,
            CAST(:now AS timestamptz) AT TIME ZONE 'UTC')
    RETURNING id
""")
# The hours that Cal.com gives everybody who is new there.
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


def create_teacher(
    connection: Connection, staff: StaffMember, command: NewTeacher, key: str | None, now: datetime
) -> Answered[TeacherOfStaff]:
    """Once for a key. They teach nothing yet.

    Raises PlanLimitReached, EmailTaken, IdempotencyKeyInUse, IdempotencyKeyReused.
    """
    tenant = staff.tenant.id

    def make() -> TeacherOfStaff:
        require_room(connection, tenant, "maxTeachers")
        teacher = _account(connection, tenant, command, now)
        connection.execute(_HOURS, {"tenant": tenant, "teacher": teacher, "zone": command.time_zone})
        send_invitation(connection, tenant, teacher)
        record_audit(connection, tenant, staff, "teacher.created", Subject("teacher", teacher), now)
        return get_teacher(connection, tenant, teacher)

    request = Request(tenant, "createTeacher", key, request_hash(command))
    return answer_once(connection, request, TeacherOfStaff, make)


def _account(connection: Connection, tenant_id: int, command: NewTeacher, now: datetime) -> int:
    values = {
        "tenant": tenant_id,
        "uuid": uuid4(),
        "name": command.name,
        "email": command.email,
        "zone": command.time_zone,
        "locale": command.locale,
        "now": now,
    }
    try:
        return int(connection.execute(_ACCOUNT, values).scalar_one())
    except DBAPIError as error:
        if sqlstate(error) == UNIQUE_VIOLATION:
            raise EmailTaken from None
        raise
