"""Somebody who teaches is told by mail how they sign in."""

import json
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, text

from shared.audit.record_audit import Subject, record_audit
from shared.staff.find_staff import StaffMember
from shared.teachers.errors import TeacherLocked
from shared.teachers.queries import lock_row_of_teacher
from shared.teachers.schemas import TeacherOfStaff
from shared.throttling.limit_requests import limit_requests

# To one person; a lost mail is asked for once or twice.
MOST_INVITATIONS = 3

_TELL = text("""
    INSERT INTO "OutboxMessage" ("tenantId", topic, payload)
    VALUES (:tenant, 'staff.invited', CAST(:payload AS jsonb))
""")


def invite_teacher(
    connection: Connection, staff: StaffMember, teacher_id: int, now: datetime
) -> TeacherOfStaff:
    """Once more. Raises NoSuchTeacher, TeacherLocked, TooManyRequests."""
    tenant = staff.tenant.id
    teacher = lock_row_of_teacher(connection, tenant, teacher_id)
    if teacher.is_locked:
        raise TeacherLocked
    subject = sha256(f"teacher {teacher_id}".encode()).hexdigest()[:32]
    limit_requests(connection, "invitation", subject, MOST_INVITATIONS, now)
    send_invitation(connection, tenant, teacher_id)
    record_audit(connection, tenant, staff, "teacher.invited", Subject("teacher", teacher_id), now)
    return teacher


def send_invitation(connection: Connection, tenant_id: int, user_id: int) -> None:
    """Leaves by the outbox."""
    connection.execute(_TELL, {"tenant": tenant_id, "payload": json.dumps({"userId": user_id})})
