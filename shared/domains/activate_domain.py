"""A domain is proven: from now on it leads to the school, and to no other."""

from datetime import datetime

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from shared.audit.record_audit import Subject, record_audit
from shared.domains.errors import DomainNotFound, DomainTaken
from shared.domains.queries import find_domain, get_domain
from shared.domains.schemas import DomainView
from shared.plans.check_plan import require_feature
from shared.sqlstates import UNIQUE_VIOLATION, sqlstate
from shared.staff.find_staff import StaffMember

# Whoever released it themselves need not wait.
_COME_BACK = text("""
    DELETE FROM "CustomDomain" WHERE "tenantId" = :tenant AND domain = :domain AND status = 'RELEASED'
""")
_ACTIVATE = text("""
    WITH proven AS (
        UPDATE "CustomDomain" SET status = 'ACTIVE', "verifiedAt" = at, "checkedAt" = at
        FROM (SELECT CAST(:now AS timestamptz) AT TIME ZONE 'UTC') AS clock (at)
        WHERE "tenantId" = :tenant AND domain = :domain AND status = 'PENDING'
        RETURNING domain, at
    )
    UPDATE "Tenant" SET "customDomain" = proven.domain, "updatedAt" = proven.at
    FROM proven WHERE id = :tenant
""")


def activate_domain(
    connection: Connection, staff: StaffMember, proven: DomainView, now: datetime
) -> DomainView:
    """`proven` is the claim whose record was found in DNS. Of two schools that prove one domain, one wins.

    Raises PlanLimitReached, DomainNotFound when it was changed meanwhile, DomainTaken.
    """
    tenant = staff.tenant.id
    require_feature(connection, tenant, "customDomain")
    current = find_domain(connection, tenant, lock=True)
    if current is None or current.record != proven.record:
        raise DomainNotFound
    if current.status == "ACTIVE":
        return current
    asked = {"tenant": tenant, "domain": proven.domain}
    connection.execute(_COME_BACK, asked)
    try:
        connection.execute(_ACTIVATE, {**asked, "now": now})
    except DBAPIError as error:
        if sqlstate(error) == UNIQUE_VIOLATION:
            raise DomainTaken from None
        raise
    record_audit(connection, tenant, staff, "domain.proven", Subject("domain", proven.domain), now)
    return get_domain(connection, tenant)
