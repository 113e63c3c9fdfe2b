"""An absence is longer, shorter, or another."""

from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import Connection, text

from shared.absences.create_absence import days
from shared.absences.queries import get_absence, lock_absence
from shared.absences.schemas import AbsenceOfStaff, AbsenceTerms
from shared.audit.record_audit import Subject, changes_between, record_audit
from shared.changes import merged
from shared.staff.find_staff import StaffMember

_WRITE = text("""
    UPDATE "OutOfOfficeEntry" SET start = CAST(:start AS date), notes = :notes,
        "end" = CAST(:end AS date) + interval '1 day' - interval '1 millisecond',
        "updatedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
    WHERE id = :id AND "tenantId" = :tenant
""")


def change_absence(
    connection: Connection,
    staff: StaffMember,
    absence_id: int,
    changes: BaseModel,
    check_unchanged: Callable[[BaseModel], None],
    now: datetime,
) -> AbsenceOfStaff:
    """The absence as it is then.

    Raises AbsenceNotFound, what `check_unchanged` raises, InvalidRequest.
    """
    tenant = staff.tenant.id
    before = lock_absence(connection, staff, absence_id)
    check_unchanged(before)
    terms = merged(AbsenceTerms, before, changes)
    values = {**days(terms.start, terms.end), "notes": terms.notes, "now": now}
    connection.execute(_WRITE, {**values, "id": absence_id, "tenant": tenant})
    after = get_absence(connection, staff, absence_id)
    subject, told = Subject("absence", absence_id), changes_between(before, after)
    record_audit(connection, tenant, staff, "absence.updated", subject, now, told)
    return after
