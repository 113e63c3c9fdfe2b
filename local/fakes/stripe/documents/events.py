"""What is told of a change: the event, and the account that it belongs to."""

from typing import Any

from local.fakes.stripe.answers import new_id
from local.fakes.stripe.state import Account

# The version that stripe-python 16 asks for.
API_VERSION = "2026-10-28.endive"


def account_document(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "object": "account",
        "charges_enabled": True,
        "country": "DE",
        "created": account.created,
        "default_currency": "eur",
        "details_submitted": True,
        "metadata": {},
        "payouts_enabled": True,
        "type": "standard",
    }


def event_document(
    kind: str,
    data: dict[str, Any],
    created: int,
    *,
    livemode: bool = False,
    request: tuple[str | None, str | None] = (None, None),
) -> dict[str, Any]:
    """New by its id. `request` is the id and the idempotency key of the call that caused it."""
    return {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": created,
        "data": data,
        "livemode": livemode,
        "pending_webhooks": 1,
        "request": dict(zip(("id", "idempotency_key"), request, strict=True)),
        "type": kind,
    }
