"""Reading what a school offers; one statement each, nothing loaded behind one's back."""

from typing import Any

from sqlalchemy import Connection, Row, text

from shared.event_types.errors import EventTypeNotFound
from shared.event_types.schemas import EventTypeList, EventTypeView, ListQuery, Price, Teacher
from shared.money import major_units
from shared.tenant_scope import CURRENT_TENANT
from shared.tenants.errors import TenantNotFound, TenantSuspended

# One row even when there is no event type, so that an unknown school is told from an empty one.
_OFFERED = """
    SELECT t."subscriptionStatus" AS status, e.id, e.title, e.slug, e.description, e.length,
           e."isWorkshop" AS is_workshop, e."workshopPrice" AS price, e."workshopCurrency" AS currency,
           e.price AS calcom_price, e.currency AS calcom_currency,
           e."whitelistEnabled" AS whitelisted, e."requiresConfirmation" AS requires_confirmation,
           e."seatLimit" AS seat_limit, e."refundWindowHours" AS refund_window_hours,
           (SELECT coalesce(json_agg(json_build_object('id', u.id, 'name', coalesce(u.name, ''))
                                     ORDER BY u.id), '[]')
            FROM "TeacherCourseAssignment" a JOIN users u ON u.id = a."teacherId"
            WHERE a."eventTypeId" = e.id AND a."tenantId" = t.id AND a."isPublished"
              AND u."tenantId" = t.id AND NOT u.locked) AS teachers
    FROM "Tenant" t
    LEFT JOIN "EventType" e ON e."tenantId" = t.id AND e."isPublished" AND {condition}
    WHERE t.id = {tenant}
"""
ONE = text(_OFFERED.format(condition="e.id = :id", tenant=CURRENT_TENANT))
PAGE = text(_OFFERED.format(condition="e.id > :after", tenant=CURRENT_TENANT) + "ORDER BY e.id LIMIT :limit")


def get_event_type(connection: Connection, event_type_id: int) -> EventTypeView:
    """The published event type. Raises TenantNotFound, TenantSuspended, EventTypeNotFound."""
    offered = _offered(connection.execute(ONE, {"id": event_type_id}).all())
    if not offered:
        raise EventTypeNotFound
    return offered[0]


def list_event_types(connection: Connection, query: ListQuery) -> EventTypeList:
    """A page of the published event types, by id. Raises TenantNotFound, TenantSuspended."""
    page = {"after": query.cursor or 0, "limit": query.limit + 1}
    offered = _offered(connection.execute(PAGE, page).all())
    more = len(offered) > query.limit
    shown = offered[: query.limit]
    return EventTypeList(event_types=shown, next_cursor=str(shown[-1].id) if more else None)


def _offered(rows: Any) -> list[EventTypeView]:
    if not rows:
        raise TenantNotFound
    if rows[0].status != "ACTIVE":
        raise TenantSuspended
    return [_view(row) for row in rows if row.id is not None]


def _view(row: Row[Any]) -> EventTypeView:
    return EventTypeView(
        id=row.id,
        kind="workshop" if row.is_workshop else "lesson",
        title=row.title,
        slug=row.slug,
        description=row.description,
        length=row.length,
        price=_price(row),
        whitelisted=row.whitelisted,
        requires_confirmation=row.requires_confirmation,
        seat_limit=row.seat_limit,
        refund_window_hours=row.refund_window_hours,
        teachers=[Teacher(**teacher) for teacher in row.teachers],
    )


def _price(row: Row[Any]) -> Price | None:
    """Ours, else the one that Cal.com keeps in minor units; None for what is free."""
    if row.price:
        return Price(amount=row.price, currency=row.currency)
    if row.calcom_price:
        amount = major_units(row.calcom_price, row.calcom_currency)
        return Price(amount=amount, currency=row.calcom_currency.upper())
    return None
