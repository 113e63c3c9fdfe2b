"""Schools as the platform sees them."""

from typing import Any

from sqlalchemy import Connection, Row, text

from shared.plans.plans import UNLIMITED_TEACHERS, features_by, overrides_of
from shared.tenants.errors import TenantNotFound
from shared.tenants.schemas import LimitsView, TenantList, TenantsQuery, TenantView

_COLUMNS = """
    id, name, subdomain, "customDomain" AS custom_domain, "subscriptionPlan" AS plan,
    "subscriptionStatus" AS status, "statusReason" AS status_reason,
    "statusChangedAt" AT TIME ZONE 'UTC' AS status_changed_at, "maxTeachers" AS max_teachers,
    "maxBookingsPerMonth" AS max_bookings_per_month, "maxEventTypes" AS max_event_types, features,
    "createdAt" AT TIME ZONE 'UTC' AS created_at, "updatedAt" AT TIME ZONE 'UTC' AS updated_at
"""
# strpos knows no wildcards: what is searched for is what was typed.
_LIST = text(f"""
    SELECT {_COLUMNS} FROM "Tenant"
    WHERE id > CAST(:after AS bigint)
      AND (CAST(:plan AS text) IS NULL OR "subscriptionPlan" = :plan)
      AND (CAST(:status AS text) IS NULL OR "subscriptionStatus" = :status)
      AND (CAST(:search AS text) IS NULL OR strpos(lower(name), lower(:search)) > 0
           OR strpos(subdomain, lower(:search)) > 0 OR strpos("customDomain", lower(:search)) > 0)
    ORDER BY id LIMIT :limit
""")  # noqa: S608  # only the constant above is put in
_ONE = text(f'SELECT {_COLUMNS} FROM "Tenant" WHERE id = :id')  # noqa: S608  # the same
# Bookings refer to the row, and go on meanwhile.
_LOCKED = text(f'SELECT {_COLUMNS} FROM "Tenant" WHERE id = :id FOR NO KEY UPDATE')  # noqa: S608  # the same


def list_tenants(connection: Connection, query: TenantsQuery) -> TenantList:
    """The schools that the filters leave, in the order in which they came."""
    found = connection.execute(_LIST, {
        "after": int(query.cursor or 0),
        "plan": query.plan,
        "status": query.status,
        "search": query.search,
        "limit": query.limit + 1,
    }).all()  # fmt: skip
    page = found[: query.limit]
    return TenantList(
        tenants=[_view(row) for row in page],
        next_cursor=str(page[-1].id) if len(found) > len(page) else None,
    )


def get_tenant(connection: Connection, tenant_id: int) -> TenantView:
    """Raises TenantNotFound."""
    return _found(connection.execute(_ONE, {"id": tenant_id}).one_or_none())


def lock_tenant(connection: Connection, tenant_id: int) -> TenantView:
    """The school, which nobody else changes until the transaction ends. Raises TenantNotFound."""
    return _found(connection.execute(_LOCKED, {"id": tenant_id}).one_or_none())


def _found(row: Row[Any] | None) -> TenantView:
    if row is None:
        raise TenantNotFound
    return _view(row)


def _view(row: Row[Any]) -> TenantView:
    same = ("id", "name", "subdomain", "custom_domain", "plan", "status", "status_reason",
            "status_changed_at", "created_at", "updated_at")  # fmt: skip
    return TenantView(
        **{name: getattr(row, name) for name in same},
        limits=LimitsView(
            max_teachers=None if row.max_teachers == UNLIMITED_TEACHERS else row.max_teachers,
            max_bookings_per_month=row.max_bookings_per_month,
            max_event_types=row.max_event_types,
        ),
        features=sorted(features_by(row.plan, row.features)),
        feature_overrides=overrides_of(row.features),
    )
