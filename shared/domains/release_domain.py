"""A school lets its domain go; for a month nobody else can have it, so that old links mislead nobody."""

from datetime import datetime

from sqlalchemy import Connection, text

from shared.audit.record_audit import Subject, record_audit
from shared.domains.queries import find_domain
from shared.domains.schemas import DomainReleased
from shared.staff.find_staff import StaffMember

_FORGET = text("""DELETE FROM "CustomDomain" WHERE "tenantId" = :tenant AND status = 'PENDING'""")
_RELEASE = text("""
    WITH released AS (
        UPDATE "CustomDomain" SET status = 'RELEASED', "releasedAt" = at
        FROM (SELECT CAST(:now AS timestamptz) AT TIME ZONE 'UTC') AS clock (at)
        WHERE "tenantId" = :tenant AND status = 'ACTIVE' RETURNING domain, at
    )
    UPDATE "Tenant" SET "customDomain" = NULL, "updatedAt" = released.at
    FROM released WHERE id = :tenant AND "customDomain" = released.domain
""")


def release_domain(
    connection: Connection, tenant_id: int, by: StaffMember | None, now: datetime
) -> DomainReleased:
    """What was released; `by` is None when it was the service itself. Twice is as good as once."""
    before = find_domain(connection, tenant_id, lock=True)
    if before is None:
        return DomainReleased()
    connection.execute(_FORGET, {"tenant": tenant_id})
    connection.execute(_RELEASE, {"tenant": tenant_id, "now": now})
    record_audit(connection, tenant_id, by, "domain.released", Subject("domain", before.domain), now)
    return DomainReleased(domain=before.domain)
