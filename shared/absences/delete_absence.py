"""Somebody is not away after all."""

from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import Connection, text

from shared.absences.queries import lock_absence
from shared.audit.record_audit import Subject, changes_between, record_audit
from shared.staff.find_staff import StaffMember

_DELETE = text('DELETE FROM "OutOfOfficeEntry" WHERE id = :id AND "tenantId" = :tenant')


def delete_absence(
    connection: Connection,
    staff: StaffMember,
    absence_id: int,
    check_unchanged: Callable[[BaseModel], None],
    now: datetime,
) -> None:
    """Raises AbsenceNotFound, what `check_unchanged` raises."""
    before = lock_absence(connection, staff, absence_id)
    check_unchanged(before)
    connection.execute(_DELETE, {"id": absence_id, "tenant": staff.tenant.id})
    subject, told = Subject("absence", absence_id), changes_between(before, None)
    record_audit(connection, staff.tenant.id, staff, "absence.deleted", subject, now, told)
