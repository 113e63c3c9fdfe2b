"""The platform changes a school's name, its plan, its limits and its features."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from shared.audit.record_audit import Subject, changes_between, record_audit
from shared.plans.plans import PLANS, UNLIMITED_TEACHERS
from shared.staff.find_staff import StaffMember
from shared.tenants.queries import get_tenant
from shared.tenants.schemas import TenantChanges, TenantView

_CHANGE = text("""
    UPDATE "Tenant" SET name = :name, "subscriptionPlan" = :plan, "maxTeachers" = :teachers,
           "maxBookingsPerMonth" = CAST(:bookings AS int), "maxEventTypes" = CAST(:event_types AS int),
           features = CAST(:features AS jsonb), "updatedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
    WHERE id = :id
""")
# A month that the new limit has already warns as one that a booking fills: by the counter's trigger.
_WARN = text("""
    UPDATE "TenantUsage" SET "bookingsCount" = "bookingsCount"
    WHERE "tenantId" = :id AND year = :year AND month = :month
""")


def change_tenant(
    connection: Connection, by: StaffMember, before: TenantView, changes: TenantChanges, now: datetime
) -> TenantView:
    """The school as it is then. `before` is what `lock_tenant` told in this transaction.

    Nothing is taken away that is beyond a lower limit; there will be no more of it.
    """
    wanted = _wanted(before, changes)
    connection.execute(_CHANGE, {"id": before.id, "now": now, **wanted})
    connection.execute(_WARN, {"id": before.id, "year": now.year, "month": now.month})
    after = get_tenant(connection, before.id)
    told = changes_between(before, after)
    if told:
        record_audit(connection, before.id, by, "tenant.updated", Subject("tenant", before.id), now, told)
    return after


def _wanted(before: TenantView, changes: TenantChanges) -> dict[str, Any]:
    overrides = {**before.feature_overrides, **changes.features}
    set_apart = {name: granted for name, granted in overrides.items() if granted is not None}
    limits = _limits(before, changes)
    return {
        "name": changes.name or before.name,
        "plan": changes.plan or before.plan,
        "teachers": UNLIMITED_TEACHERS if limits["max_teachers"] is None else limits["max_teachers"],
        "bookings": limits["max_bookings_per_month"],
        "event_types": limits["max_event_types"],
        "features": json.dumps(set_apart) if set_apart else None,
    }


def _limits(before: TenantView, changes: TenantChanges) -> dict[str, int | None]:
    limits: dict[str, int | None] = before.limits.model_dump()
    if changes.plan is not None:
        plan = PLANS[changes.plan]
        limits = {name: getattr(plan, name) for name in limits}
    return {**limits, **changes.limits.model_dump(exclude_unset=True)}
