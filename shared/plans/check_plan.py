"""Whether the plan of a school allows one more, or a feature; asked in the transaction that needs it."""

from typing import Literal

from sqlalchemy import Connection, text

from shared.plans.plans import UNLIMITED_TEACHERS, Feature, features_by
from shared.tenants.errors import PlanLimitReached, TenantNotFound

Counted = Literal["maxTeachers", "maxEventTypes"]

# Two who take the last place at once are asked one after the other. No id is negative, so the lock is
# nobody's else.
_LOCKS: dict[Counted, int] = {"maxTeachers": -1, "maxEventTypes": -2}
_LOCK = text("SELECT pg_advisory_xact_lock(:tenant, :lock)")
_COUNTS = {
    "maxTeachers": text("""
        SELECT t."maxTeachers" AS allowed,
               (SELECT count(*) FROM users u WHERE u."tenantId" = t.id
                  AND u."tenantRole" = 'TEACHER' AND NOT u.locked) AS used
        FROM "Tenant" t WHERE t.id = :tenant
    """),
    "maxEventTypes": text("""
        SELECT t."maxEventTypes" AS allowed,
               (SELECT count(*) FROM "EventType" e WHERE e."tenantId" = t.id AND e."isPublished") AS used
        FROM "Tenant" t WHERE t.id = :tenant
    """),
}
_FEATURES = text("""
    SELECT "subscriptionPlan" AS plan, features FROM "Tenant" WHERE id = :tenant
""")


def require_room(connection: Connection, tenant_id: int, limit: Counted, more: int = 1) -> None:
    """That `more` teachers (not locked) or published event types fit. Call it before they are written.

    Raises PlanLimitReached with `limit`, `used` and `allowed`; TenantNotFound.
    """
    connection.execute(_LOCK, {"tenant": tenant_id, "lock": _LOCKS[limit]})
    row = connection.execute(_COUNTS[limit], {"tenant": tenant_id}).one_or_none()
    if row is None:
        raise TenantNotFound
    if row.allowed in (None, UNLIMITED_TEACHERS) or row.used + more <= row.allowed:
        return
    raise PlanLimitReached(limit=limit, used=row.used, allowed=row.allowed)


def require_feature(connection: Connection, tenant_id: int, feature: Feature) -> None:
    """That the plan has the feature. Raises PlanLimitReached with `limit` = `features.{feature}`."""
    if feature not in features_of(connection, tenant_id):
        raise PlanLimitReached(limit=f"features.{feature}")


def features_of(connection: Connection, tenant_id: int) -> frozenset[Feature]:
    """What the school may use: its plan's features, and what `Tenant.features` says otherwise of each."""
    row = connection.execute(_FEATURES, {"tenant": tenant_id}).one_or_none()
    if row is None:
        raise TenantNotFound
    return features_by(row.plan, row.features)
