"""The row of an event type: ours, and what Cal.com has for the same."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, Numeric, Text, TextClause, bindparam, text

from shared.event_types.staff_schemas import EventTypeTerms, Kind

_COLUMNS = {
    "title": ":title",
    "slug": ":slug",
    "description": ":description",
    "length": ":length",
    "seatLimit": ":seats",
    "seatsPerTimeSlot": ":seats",
    "isWorkshop": ":workshop",
    "whitelistEnabled": ":whitelist",
    "requiresConfirmation": ":confirmation",
    "refundWindowHours": ":refund_hours",
    "minimumBookingNotice": ":notice",
    "beforeEventBuffer": ":before",
    "afterEventBuffer": ":after",
    "slotInterval": ":interval",
    "offsetStart": ":offset",
    "periodType": 'CAST(CAST(:period AS text) AS "PeriodType")',
    "periodDays": ":days",
    "periodCountCalendarDays": ":calendar",
    "periodStartDate": "CAST(:first AS timestamp)",
    "periodEndDate": "CAST(:last AS timestamp)",
    "bookingLimits": "CAST(:limits AS jsonb)",
    "durationLimits": "CAST(:durations AS jsonb)",
    "maxActiveBookingsPerBooker": ":most_active",
    "onlyShowFirstAvailableSlot": ":only_first",
    "disableCancelling": ":no_cancelling",
    "disableRescheduling": ":no_moving",
    "minimumRescheduleNotice": ":moving_notice",
    "isPublished": ":published",
    "hidden": "NOT CAST(:published AS boolean)",
    "workshopPrice": "CAST(:price AS numeric)",
    "workshopCurrency": "coalesce(:currency, 'USD')",
    "price": ":minor",
    "currency": "lower(coalesce(:currency, 'USD'))",
    "updatedAt": "CAST(:now AS timestamptz) AT TIME ZONE 'UTC'",
}
# Cal.com itself charges what its app for payments says, where a school has set that up.
_METADATA = """
    CASE WHEN metadata->'apps'->'stripe'->'price' IS NOT NULL
         THEN jsonb_set(jsonb_set(metadata, '{apps,stripe,price}', to_jsonb(CAST(:minor AS int))),
                        '{apps,stripe,currency}', to_jsonb(lower(coalesce(CAST(:currency AS text), 'USD'))))
         ELSE metadata END
"""


def _typed(statement: str) -> TextClause:
    numbers = ("seats", "interval", "days", "most_active", "moving_notice")
    texts = ("description", "first", "last", "limits", "durations", "currency")
    return text(statement).bindparams(
        *(bindparam(name, type_=Integer) for name in numbers),
        *(bindparam(name, type_=Text) for name in texts),
        bindparam("price", type_=Numeric),
    )


_NAMES = ", ".join(f'"{name}"' for name in _COLUMNS)
_INSERT = _typed(f"""
    INSERT INTO "EventType" ("tenantId", "userId", "createdAt", {_NAMES})
    VALUES (:tenant, CAST(:owner AS int), CAST(:now AS timestamptz) AT TIME ZONE 'UTC',
            {", ".join(_COLUMNS.values())})
    RETURNING id
""")  # noqa: S608  # only the columns above are put in
_UPDATE = _typed(f"""
    UPDATE "EventType" SET {", ".join(f'"{name}" = {value}' for name, value in _COLUMNS.items())},
           metadata = {_METADATA}
    WHERE id = :id AND "tenantId" = :tenant
""")  # noqa: S608  # the same


def insert_event_type(
    connection: Connection,
    tenant_id: int,
    owner: int | None,
    kind: Kind,
    terms: EventTypeTerms,
    now: datetime,
) -> int:
    """The id of the new one, which Cal.com shows to its `owner`. Raises PriceNotExpressible."""
    asked = {**_values(kind, terms, now), "tenant": tenant_id, "owner": owner}
    return int(connection.execute(_INSERT, asked).scalar_one())


def update_event_type(
    connection: Connection,
    tenant_id: int,
    event_type_id: int,
    kind: Kind,
    terms: EventTypeTerms,
    now: datetime,
) -> None:
    """Everything that may be changed. Raises PriceNotExpressible."""
    connection.execute(_UPDATE, {**_values(kind, terms, now), "tenant": tenant_id, "id": event_type_id})


def _values(kind: Kind, terms: EventTypeTerms, now: datetime) -> dict[str, Any]:
    price, period = terms.price, terms.period
    return {
        "title": terms.title,
        "slug": terms.slug,
        "description": terms.description,
        "length": terms.length,
        "seats": terms.seat_limit,
        "workshop": kind == "workshop",
        "whitelist": terms.whitelist_enabled,
        "confirmation": terms.requires_confirmation,
        "refund_hours": terms.refund_window_hours,
        "notice": terms.minimum_booking_notice,
        "before": terms.before_event_buffer,
        "after": terms.after_event_buffer,
        "interval": terms.slot_interval,
        "offset": terms.offset_start,
        "period": period.type,
        "days": period.days,
        "calendar": period.count_calendar_days,
        "first": period.start and period.start.isoformat(),
        "last": period.end and period.end.isoformat(),
        "limits": _limits(terms.booking_limits),
        "durations": _limits(terms.duration_limits),
        "most_active": terms.max_active_bookings_per_booker,
        "only_first": terms.only_show_first_available_slot,
        "no_cancelling": terms.disable_cancelling,
        "no_moving": terms.disable_rescheduling,
        "moving_notice": terms.minimum_reschedule_notice,
        "published": terms.is_published,
        "price": price and price.amount,
        "currency": price and price.currency,
        "minor": price.minor if price else 0,
        "now": now,
    }


def _limits(limits: Any) -> str | None:
    given = limits.model_dump(by_alias=True, exclude_none=True) if limits else {}
    return json.dumps(given) if given else None
