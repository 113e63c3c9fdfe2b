"""What a school has used of its plan: this month, and the months before."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from shared.plans.plans import UNLIMITED_TEACHERS, features_by
from shared.tenants.errors import TenantNotFound
from shared.usage.month_full import next_month
from shared.usage.schemas import MonthUsed, UsageQuery, UsageView, Used

_NOW = text("""
    SELECT t."subscriptionPlan" AS plan, t.features, t."maxBookingsPerMonth" AS max_bookings,
           t."maxTeachers" AS max_teachers, t."maxEventTypes" AS max_event_types,
           coalesce((SELECT u."bookingsCount" FROM "TenantUsage" u
                     WHERE u."tenantId" = t.id AND u.year = :year AND u.month = :month), 0) AS bookings,
           (SELECT count(*) FROM users u WHERE u."tenantId" = t.id
              AND u."tenantRole" = 'TEACHER' AND NOT u.locked) AS teachers,
           (SELECT count(*) FROM "EventType" e WHERE e."tenantId" = t.id AND e."isPublished") AS event_types
    FROM "Tenant" t WHERE t.id = :tenant
""")
_BEFORE = text("""
    SELECT year, month, "bookingsCount" AS bookings, "teachersCount" AS teachers,
           "eventTypesCount" AS event_types
    FROM "TenantUsage"
    WHERE "tenantId" = :tenant AND (year, month) < (CAST(:year AS int), CAST(:month AS int))
    ORDER BY year DESC, month DESC LIMIT :limit
""")


def usage_report(connection: Connection, tenant_id: int, query: UsageQuery, now: datetime) -> UsageView:
    """Months are those of UTC. Raises TenantNotFound."""
    asked = {"tenant": tenant_id, "year": now.year, "month": now.month}
    row = connection.execute(_NOW, asked).one_or_none()
    if row is None:
        raise TenantNotFound
    if query.cursor is not None:
        year, _, month = query.cursor.partition("-")
        asked = {**asked, "year": int(year), "month": int(month)}
    found = connection.execute(_BEFORE, {**asked, "limit": query.limit + 1}).all()
    page = [_month(each) for each in found[: query.limit]]
    return UsageView(
        plan=row.plan,
        features=sorted(features_by(row.plan, row.features)),
        month=f"{now:%Y-%m}",
        renews_at=next_month(now),
        bookings=_used(row.bookings, row.max_bookings),
        teachers=_used(row.teachers, None if row.max_teachers == UNLIMITED_TEACHERS else row.max_teachers),
        event_types=_used(row.event_types, row.max_event_types),
        history=page,
        next_cursor=page[-1].month if len(found) > len(page) else None,
    )


def _used(used: int, allowed: int | None) -> Used:
    if allowed is None:
        return Used(used=used)
    return Used(used=used, allowed=allowed, percent=used * 100 // allowed if allowed else 100)


def _month(row: Row[Any]) -> MonthUsed:
    return MonthUsed(
        month=f"{row.year:04}-{row.month:02}",
        bookings=row.bookings,
        teachers=row.teachers,
        event_types=row.event_types,
    )
