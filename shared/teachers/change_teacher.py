"""Who somebody is, as their school has it."""

from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from shared.audit.record_audit import Subject, changes_between, record_audit
from shared.changes import merged
from shared.sqlstates import UNIQUE_VIOLATION, sqlstate
from shared.staff.errors import EmailTaken
from shared.staff.find_staff import StaffMember
from shared.teachers.invite_teacher import send_invitation
from shared.teachers.queries import get_teacher, lock_row_of_teacher
from shared.teachers.schemas import NewTeacher, TeacherOfStaff

_WRITE = text("""
    UPDATE users SET name = :name, email = :email, "timeZone" = :time_zone, locale = :locale,
           "emailVerified" = CASE WHEN lower(email) = :email THEN "emailVerified" END
    WHERE id = :id AND "tenantId" = :tenant
""")
# Who accepted has proven another address.
_UNPROVEN = text("""
    UPDATE "Invitation" SET "acceptedAt" = NULL, "tokenHash" = NULL, "sentAt" = NULL, "expiresAt" = NULL
    WHERE "userId" = :id AND "tenantId" = :tenant
""")


def change_teacher(
    connection: Connection,
    staff: StaffMember,
    teacher_id: int,
    changes: BaseModel,
    check_unchanged: Callable[[BaseModel], None],
    now: datetime,
) -> TeacherOfStaff:
    """Hours stay in the zone of their schedule. A new address is invited anew.

    Raises NoSuchTeacher, what `check_unchanged` raises, InvalidRequest, EmailTaken.
    """
    tenant = staff.tenant.id
    before = lock_row_of_teacher(connection, tenant, teacher_id)
    check_unchanged(before)
    wanted = merged(NewTeacher, before, changes)
    try:
        connection.execute(_WRITE, {**dict(wanted), "id": teacher_id, "tenant": tenant})
    except DBAPIError as error:
        if sqlstate(error) == UNIQUE_VIOLATION:
            raise EmailTaken from None
        raise
    if wanted.email != before.email.lower():
        connection.execute(_UNPROVEN, {"id": teacher_id, "tenant": tenant})
        send_invitation(connection, tenant, teacher_id)
    after = get_teacher(connection, tenant, teacher_id)
    subject, told = Subject("teacher", teacher_id), changes_between(before, after)
    record_audit(connection, tenant, staff, "teacher.updated", subject, now, told)
    return after
