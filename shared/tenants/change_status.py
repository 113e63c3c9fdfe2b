"""The platform suspends a school, cancels it, or lets it go on. Nothing of it is deleted."""

from datetime import datetime

from sqlalchemy import Connection, text

from shared.audit.record_audit import Subject, changes_between, record_audit
from shared.staff.find_staff import StaffMember
from shared.tenants.errors import TenantCancelled
from shared.tenants.queries import get_tenant
from shared.tenants.schemas import TenantStatus, TenantView

_CHANGE = text("""
    UPDATE "Tenant" SET "subscriptionStatus" = :status, "statusReason" = CAST(:reason AS text),
           "subscriptionEndDate" = CASE WHEN :status <> 'CANCELLED' THEN NULL
                                        WHEN "subscriptionStatus" = 'CANCELLED' THEN "subscriptionEndDate"
                                        ELSE moment END,
           "statusChangedAt" = moment, "updatedAt" = moment
    FROM (SELECT CAST(:now AS timestamptz) AT TIME ZONE 'UTC') AS clock (moment)
    WHERE id = :id
""")
_ACTIONS: dict[TenantStatus, str] = {
    "ACTIVE": "tenant.resumed",
    "SUSPENDED": "tenant.suspended",
    "CANCELLED": "tenant.cancelled",
}


def change_status(
    connection: Connection,
    by: StaffMember,
    before: TenantView,
    status: TenantStatus,
    reason: str | None,
    now: datetime,
) -> TenantView:
    """The school as it is then. `before` is what `lock_tenant` told in this transaction.

    From the commit on it takes no bookings unless it is ACTIVE; what is booked stays, and money goes on being
    settled and given back. Asked for again it changes nothing. Raises TenantCancelled for a suspension of
    what has been cancelled.
    """
    if status == "SUSPENDED" and before.status == "CANCELLED":
        raise TenantCancelled
    if (status, reason) == (before.status, before.status_reason):
        return before
    connection.execute(_CHANGE, {"id": before.id, "status": status, "reason": reason, "now": now})
    after = get_tenant(connection, before.id)
    told = changes_between(before, after)
    record_audit(connection, before.id, by, _ACTIONS[status], Subject("tenant", before.id), now, told)
    return after
