"""What can be booked, as the pages show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from shared.money import PriceNotExpressible, major_units, minor_units
from shared.notifications.spoken_money import spoken_amount
from shared.time_zones import UnknownTimeZone, zone


@dataclass(frozen=True, slots=True)
class Price:
    """In major units."""

    amount: Decimal
    currency: str

    def told(self, language: str) -> str:
        """`15.00 EUR`; `350.000 VND` in Vietnamese."""
        return spoken_amount(self.amount, self.currency, language)


@dataclass(frozen=True, slots=True)
class Offer:
    """A published event type; `length` in minutes, `path` is where it is booked."""

    id: int
    title: str
    path: str
    description: str
    length: int
    is_workshop: bool
    price: Price | None
    is_whitelisted: bool
    is_confirmed_later: bool
    refund_hours: int
    teachers: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Session:
    """A session to come, on its teacher's clock; no seat limit where `seats_left` is None."""

    offer: Offer
    starts: datetime
    ends: datetime
    seats_left: int | None


def offers_of(rows: Sequence[Mapping[str, Any]]) -> list[Offer]:
    return [_offer(row) for row in rows]


def sessions_of(rows: Sequence[Mapping[str, Any]], offers: Sequence[Offer]) -> list[Session]:
    """Those of the offers that are shown."""
    shown = {offer.id: offer for offer in offers}
    return [_session(row, shown[row["event_type"]]) for row in rows if row["event_type"] in shown]


def _offer(row: Mapping[str, Any]) -> Offer:
    number = f"?type={row['id']}" if row["namesakes"] > 1 else ""
    return Offer(
        id=row["id"],
        title=row["title"],
        path=f"/book/{quote(row['slug'], safe='')}{number}",
        description=(row["description"] or "").strip(),
        length=row["length"],
        is_workshop=row["workshop"],
        price=_price(row),
        is_whitelisted=row["whitelisted"],
        is_confirmed_later=row["confirmed"],
        refund_hours=row["refund_hours"],
        teachers=row["teachers"],
    )


def _price(row: Mapping[str, Any]) -> Price | None:
    """Ours, else the one that Cal.com keeps in minor units; None for what is free."""
    own = Decimal(row["price"] or 0)
    if own:
        return Price(_without_coins_that_are_none(own, row["currency"] or ""), row["currency"] or "")
    if row["calcom_price"]:
        currency = row["calcom_currency"].upper()
        return Price(major_units(row["calcom_price"], currency), currency)
    return None


def _without_coins_that_are_none(amount: Decimal, currency: str) -> Decimal:
    """`350000.00, "VND"` → `350000`; as it is where nobody could pay it."""
    try:
        return major_units(minor_units(amount, currency), currency)
    except PriceNotExpressible:
        return amount


def _session(row: Mapping[str, Any], offer: Offer) -> Session:
    shown_in = _clock(row["time_zone"])
    starts, ends = (datetime.fromisoformat(row[name]).astimezone(shown_in) for name in ("starts", "ends"))
    left = row["seats_left"]
    return Session(offer, starts, ends, None if left is None else max(0, left))


def _clock(name: str | None) -> Any:
    try:
        return zone(name or "UTC")
    except UnknownTimeZone:
        return UTC
