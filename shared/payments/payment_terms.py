"""What somebody has to pay for an event type, and through whose account."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from shared.bookings.errors import NotBookableOnline
from shared.clients.stripe_errors import PaymentsNotSetUp
from shared.money import PriceNotExpressible, minor_units
from shared.tenant_scope import CURRENT_TENANT

_LOAD = text(f"""
    SELECT e."workshopPrice" AS price, e."workshopCurrency" AS currency, e.price AS calcom_price,
           e.currency AS calcom_currency, e."requiresConfirmation" AS confirms_later,
           t."stripeAccountId" AS account, t."stripeLivemode" AS livemode,
           t."stripeSecretKeyEncrypted" IS NOT NULL AS has_key
    FROM "Tenant" t JOIN "EventType" e ON e."tenantId" = t.id AND e.id = :event_type
    WHERE t.id = {CURRENT_TENANT}
""")  # noqa: S608  # only the constant above is put in


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """`amount` of one booking, in Stripe's minor units; a request is confirmed by the school after that."""

    amount: int
    currency: str
    account_id: str | None
    livemode: bool
    confirms_later: bool


def load_payment_terms(connection: Connection, event_type_id: int) -> PaymentTerms:
    """Raises PaymentsNotSetUp, and NotBookableOnline for a price that its currency cannot express."""
    row = connection.execute(_LOAD, {"event_type": event_type_id}).one()
    if not row.has_key or row.livemode is None:
        raise PaymentsNotSetUp(reason="no_key")
    amount, currency = _price(row)
    return PaymentTerms(amount, currency, row.account, row.livemode, row.confirms_later)


def _price(row: Row[Any]) -> tuple[int, str]:
    """Ours, else the one that Cal.com keeps in minor units."""
    if not row.price:
        return int(row.calcom_price), str(row.calcom_currency).lower()
    try:
        return minor_units(row.price, row.currency), str(row.currency).lower()
    except PriceNotExpressible:
        raise NotBookableOnline(reason="price") from None
