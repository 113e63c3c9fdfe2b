"""The school takes on somebody who teaches: their account, their first hours, and an invitation."""

from datetime import datetime

from sqlalchemy import Connection

from shared.audit.record_audit import Subject, record_audit
from shared.bookings.idempotency import request_hash
from shared.idempotency.answer_once import Answered, Request, answer_once
from shared.plans.check_plan import require_room
from shared.staff.add_staff import NewColleague, add_staff
from shared.staff.find_staff import StaffMember
from shared.staff.first_hours import give_first_hours
from shared.teachers.queries import get_teacher
from shared.teachers.schemas import NewTeacher, TeacherOfStaff


def create_teacher(
    connection: Connection, staff: StaffMember, command: NewTeacher, key: str | None, now: datetime
) -> Answered[TeacherOfStaff]:
    """Once for a key. They teach nothing yet.

    Raises PlanLimitReached, EmailTaken, IdempotencyKeyInUse, IdempotencyKeyReused.
    """
    tenant = staff.tenant.id

    def make() -> TeacherOfStaff:
        require_room(connection, tenant, "maxTeachers")
        who = NewColleague(command.name, command.email, command.time_zone, command.locale)
        teacher = add_staff(connection, tenant, "TEACHER", who, now)
        give_first_hours(connection, tenant, teacher, command.time_zone)
        record_audit(connection, tenant, staff, "teacher.created", Subject("teacher", teacher), now)
        return get_teacher(connection, tenant, teacher)

    request = Request(tenant, "createTeacher", key, request_hash(command))
    return answer_once(connection, request, TeacherOfStaff, make)
