"""Event types as the staff sets them up; also those that Cal.com made, whatever they hold."""

from datetime import UTC
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, Connection, Row, Text, bindparam, text

from shared.event_types.errors import EventTypeNotFound
from shared.event_types.schemas import Price
from shared.event_types.staff_schemas import (
    BookingLimits,
    DurationLimits,
    EventTypeOfStaff,
    EventTypesOfStaff,
    EventTypesQuery,
    Period,
)
from shared.money import major_units

_COLUMNS = """
    SELECT e.id, e.title, e.slug, e.description, e.length, e."seatLimit" AS seat_limit,
           CASE WHEN e."isWorkshop" THEN 'workshop' ELSE 'lesson' END AS kind,
           e."whitelistEnabled" AS whitelist_enabled, e."requiresConfirmation" AS requires_confirmation,
           e."refundWindowHours" AS refund_window_hours,
           e."minimumBookingNotice" AS minimum_booking_notice,
           e."beforeEventBuffer" AS before_event_buffer, e."afterEventBuffer" AS after_event_buffer,
           e."slotInterval" AS slot_interval, e."offsetStart" AS offset_start,
           e."maxActiveBookingsPerBooker" AS max_active_bookings_per_booker,
           e."onlyShowFirstAvailableSlot" AS only_show_first_available_slot,
           coalesce(e."disableCancelling", false) AS disable_cancelling,
           coalesce(e."disableRescheduling", false) AS disable_rescheduling,
           e."minimumRescheduleNotice" AS minimum_reschedule_notice, e."isPublished" AS is_published,
           e."immersioCourseId" AS immersio_course_id,
           e."periodType"::text AS period_type, e."periodDays" AS period_days,
           coalesce(e."periodCountCalendarDays", false) AS period_calendar_days,
           e."periodStartDate"::date AS period_start, e."periodEndDate"::date AS period_end,
           e."bookingLimits" AS booking_limits, e."durationLimits" AS duration_limits,
           e."workshopPrice" AS price, e."workshopCurrency" AS currency, e.price AS calcom_price,
           e.currency AS calcom_currency, e."createdAt" AS created_at, e."updatedAt" AS updated_at
    FROM "EventType" e WHERE e."tenantId" = :tenant
"""
_ONE = text(f"{_COLUMNS} AND e.id = :id")
_LOCKED = text(f"{_COLUMNS} AND e.id = :id FOR NO KEY UPDATE OF e")
_PAGE = text(f"""
    {_COLUMNS} AND e.id > :after
      AND (CAST(:workshop AS boolean) IS NULL OR e."isWorkshop" = :workshop)
      AND (CAST(:published AS boolean) IS NULL OR e."isPublished" = :published)
      AND (CAST(:search AS text) IS NULL OR position(lower(:search) IN lower(e.title)) > 0
           OR position(lower(:search) IN e.slug) > 0)
    ORDER BY e.id LIMIT :limit
""").bindparams(
    bindparam("workshop", type_=Boolean),
    bindparam("published", type_=Boolean),
    bindparam("search", type_=Text),
)

_SAME = (
    "id", "title", "slug", "description", "length", "seat_limit", "kind", "whitelist_enabled",
    "requires_confirmation", "refund_window_hours", "minimum_booking_notice", "before_event_buffer",
    "after_event_buffer", "slot_interval", "offset_start", "max_active_bookings_per_booker",
    "only_show_first_available_slot", "disable_cancelling", "disable_rescheduling",
    "minimum_reschedule_notice", "is_published", "immersio_course_id",
)  # fmt: skip


def list_event_types_of_staff(
    connection: Connection, tenant_id: int, query: EventTypesQuery
) -> EventTypesOfStaff:
    """A page of them, published or not, by id."""
    rows = connection.execute(_PAGE, {
        "tenant": tenant_id,
        "after": query.cursor or 0,
        "workshop": None if query.kind is None else query.kind == "workshop",
        "published": query.published,
        "search": query.search,
        "limit": query.limit + 1,
    }).all()  # fmt: skip
    shown = rows[: query.limit]
    return EventTypesOfStaff(
        event_types=[_view(row) for row in shown],
        next_cursor=str(shown[-1].id) if len(rows) > len(shown) else None,
    )


def get_event_type_of_staff(connection: Connection, tenant_id: int, event_type_id: int) -> EventTypeOfStaff:
    """Raises EventTypeNotFound."""
    return _found(connection.execute(_ONE, {"tenant": tenant_id, "id": event_type_id}).one_or_none())


def lock_event_type(connection: Connection, tenant_id: int, event_type_id: int) -> EventTypeOfStaff:
    """The same, which nobody else changes until the transaction ends."""
    return _found(connection.execute(_LOCKED, {"tenant": tenant_id, "id": event_type_id}).one_or_none())


def _found(row: Row[Any] | None) -> EventTypeOfStaff:
    if row is None:
        raise EventTypeNotFound
    return _view(row)


def _view(row: Row[Any]) -> EventTypeOfStaff:
    """Not validated: Cal.com lets in what cannot be entered here."""
    return EventTypeOfStaff.model_construct(
        **{name: getattr(row, name) for name in _SAME},
        price=_price(row),
        period=Period.model_construct(
            type=row.period_type,
            days=row.period_days,
            count_calendar_days=row.period_calendar_days,
            start=row.period_start,
            end=row.period_end,
        ),
        booking_limits=_limits(BookingLimits, row.booking_limits),
        duration_limits=_limits(DurationLimits, row.duration_limits),
        created_at=row.created_at and row.created_at.replace(tzinfo=UTC),
        updated_at=row.updated_at and row.updated_at.replace(tzinfo=UTC),
    )


def _price(row: Row[Any]) -> Price | None:
    """Ours, else the one that Cal.com keeps in minor units; None for what is free."""
    if row.price:
        return Price(amount=Decimal(row.price), currency=row.currency or "USD")
    if row.calcom_price:
        amount = major_units(row.calcom_price, row.calcom_currency)
        return Price(amount=amount, currency=row.calcom_currency.upper())
    return None


def _limits(kind: type[BookingLimits], told: Any) -> Any:
    """None when there are none; what is no number of them is none either, as when slots are shown."""
    given = told if isinstance(told, dict) else {}
    found = {
        name: given[field.alias]
        for name, field in kind.model_fields.items()
        if type(given.get(field.alias)) is int and given[field.alias] > 0
    }
    return kind.model_construct(**found) if found else None
