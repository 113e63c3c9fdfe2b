"""A school says which domain is its own, and is told how to prove it."""

from datetime import datetime
from secrets import token_hex

from sqlalchemy import Connection, text

from shared.audit.record_audit import Subject, record_audit
from shared.domains.errors import DomainInUse, DomainNotAllowed
from shared.domains.queries import find_domain, get_domain
from shared.domains.schemas import DomainView
from shared.plans.check_plan import require_feature
from shared.staff.find_staff import StaffMember

_CLAIM = text("""
    INSERT INTO "CustomDomain" ("tenantId", domain, challenge, "createdAt")
    VALUES (:tenant, :domain, :challenge, CAST(:now AS timestamptz) AT TIME ZONE 'UTC')
    ON CONFLICT ("tenantId") WHERE status <> 'RELEASED' DO UPDATE
    SET domain = excluded.domain, challenge = excluded.challenge, "createdAt" = excluded."createdAt"
    WHERE "CustomDomain".status = 'PENDING'
""")


def claim_domain(
    connection: Connection, staff: StaffMember, domain: str, ours: frozenset[str], now: datetime
) -> DomainView:
    """`ours` are the service's own hosts and base domain, below which no domain is a school's own.

    Claims harm nobody: any school may make one, and only the proof counts. Raises PlanLimitReached,
    DomainNotAllowed, DomainInUse.
    """
    tenant = staff.tenant.id
    require_feature(connection, tenant, "customDomain")
    if any(f".{domain}".endswith(f".{host.partition(':')[0].lower()}") for host in ours):
        raise DomainNotAllowed
    before = find_domain(connection, tenant, lock=True)
    if before is not None and before.domain == domain:
        return before
    if before is not None and before.status == "ACTIVE":
        raise DomainInUse
    connection.execute(_CLAIM, {"tenant": tenant, "domain": domain, "challenge": token_hex(20), "now": now})
    told = get_domain(connection, tenant)
    changes = {"domain": {"before": before and before.domain, "after": domain}}
    record_audit(connection, tenant, staff, "domain.claimed", Subject("domain", domain), now, changes)
    return told
