"""Checkout sessions over the API."""

from typing import Annotated, Any, Literal
from urllib.parse import urljoin

from pydantic import BaseModel, ConfigDict, Field

from local.fakes.stripe import payers
from local.fakes.stripe.answers import StripeError, new_id
from local.fakes.stripe.calls import Call
from local.fakes.stripe.currencies import check_currency, check_step, check_total
from local.fakes.stripe.documents import document_of
from local.fakes.stripe.documents.sessions import line_document
from local.fakes.stripe.expansion import line_items_url
from local.fakes.stripe.lists import cut, page_of
from local.fakes.stripe.parameters import (
    Email,
    Integer,
    ListParameters,
    Metadata,
    Parameters,
    SessionListParameters,
    Url,
)
from local.fakes.stripe.state import IntentData, LineItem, Method, Session

SHORTEST, LONGEST = 30 * 60, 24 * 3600
MOST_UNIT_AMOUNT = 10**12

# Methods with which money comes days later, by the currency that they are offered in.
DEBITS: dict[str, Method] = {"eur": "sepa_debit", "usd": "us_bank_account"}

Locale = Literal[
    "auto", "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr", "fr-CA",
    "hi-IN", "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR",
    "ro", "ru", "sk", "sl", "sv", "th", "tr", "vi", "zh", "zh-HK", "zh-TW",
]  # fmt: skip


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ProductData(_Part):
    name: Annotated[str, Field(max_length=5000)]
    description: Annotated[str | None, Field(max_length=40000)] = None
    images: list[Url] = Field(default_factory=list, max_length=8)
    metadata: Metadata = Field(default_factory=dict)


class PriceData(_Part):
    currency: str
    product_data: ProductData
    unit_amount: Annotated[Integer, Field(ge=0, lt=MOST_UNIT_AMOUNT)]


class NewItem(_Part):
    price_data: PriceData
    quantity: Annotated[Integer, Field(ge=1, le=999_999)]
    metadata: Metadata = Field(default_factory=dict)


class NewIntentData(_Part):
    metadata: Metadata = Field(default_factory=dict)
    description: Annotated[str | None, Field(max_length=1000)] = None
    receipt_email: Email | None = None
    statement_descriptor_suffix: Annotated[str | None, Field(max_length=22)] = None


class NewAdaptivePricing(_Part):
    enabled: bool


class NewSession(Parameters):
    """What of Stripe's parameters a school needs; the others are refused as if Stripe did not know them."""

    mode: Literal["payment"]
    line_items: Annotated[list[NewItem], Field(min_length=1, max_length=100)]
    success_url: Url
    cancel_url: Url | None = None
    client_reference_id: Annotated[str | None, Field(max_length=200)] = None
    customer_email: Email | None = None
    metadata: Metadata = Field(default_factory=dict)
    payment_intent_data: NewIntentData = NewIntentData()
    expires_at: Integer | None = None
    locale: Locale | None = None
    submit_type: Literal["auto", "pay", "book", "donate"] | None = None
    # Else the account's own setting decides, which is on.
    adaptive_pricing: NewAdaptivePricing = NewAdaptivePricing(enabled=True)
    allowed_payment_method_types: Annotated[list[Method] | None, Field(min_length=1)] = None
    excluded_payment_method_types: list[Method] = Field(default_factory=list)


def create_session(call: Call, order: NewSession) -> dict[str, Any]:
    now = call.world.now()
    expires_at = now + LONGEST if order.expires_at is None else order.expires_at
    if not now + SHORTEST <= expires_at <= now + LONGEST:
        message = "The `expires_at` timestamp must be between 30 minutes and 24 hours from now."
        raise StripeError(400, message, param="expires_at")
    currency = _currency(order)
    id_ = new_id("cs_test")
    session = Session(
        id=id_,
        created=now,
        expires_at=expires_at,
        currency=currency,
        items=[_line(item) for item in order.line_items],
        page=urljoin(call.base_url, f"/c/pay/{id_}"),
        intent_data=IntentData(**order.payment_intent_data.model_dump()),
        method_types=_methods(order, currency),
        adapts_price=order.adaptive_pricing.enabled,
        **{name: getattr(order, name) for name in _COPIED},
    )
    check_total(session.total, currency)
    call.world.add(call.account, session)
    return document_of(call.account, session)


_COPIED = (
    "success_url",
    "cancel_url",
    "client_reference_id",
    "customer_email",
    "metadata",
    "locale",
    "submit_type",
)


def _currency(order: NewSession) -> str:
    """The one currency of all lines, after a look at each amount."""
    found = set()
    for place, item in enumerate(order.line_items):
        name = f"line_items[{place}][price_data]"
        found.add(check_currency(item.price_data.currency, f"{name}[currency]"))
        check_step(item.price_data.unit_amount, item.price_data.currency.lower(), f"{name}[unit_amount]")
    if len(found) > 1:
        raise StripeError(400, "All line items must have the same currency.", param="line_items")
    return found.pop()


def _methods(order: NewSession, currency: str) -> list[Method]:
    offered: list[Method] = ["card", *([DEBITS[currency]] if currency in DEBITS else [])]
    if order.allowed_payment_method_types is not None:
        offered = [each for each in offered if each in order.allowed_payment_method_types]
    offered = [each for each in offered if each not in order.excluded_payment_method_types]
    if not offered:
        message = f"No valid payment method types for this Checkout Session in {currency}."
        raise StripeError(400, message)
    return offered


def _line(item: NewItem) -> LineItem:
    price, product = item.price_data, item.price_data.product_data
    ids = (new_id("li"), new_id("price"), new_id("prod"))
    return LineItem(*ids, product.name, price.unit_amount, item.quantity, item.metadata)


def retrieve_session(call: Call, _: Parameters, id_: str) -> dict[str, Any]:
    return document_of(call.account, call.account.find(Session, id_))


def list_sessions(call: Call, wanted: SessionListParameters) -> dict[str, Any]:
    sessions = call.account.every(Session)
    filters = {"intent": wanted.payment_intent, "status": wanted.status}
    return page_of(call.account, sessions, wanted, "/v1/checkout/sessions", **filters)


def list_line_items(call: Call, wanted: ListParameters, id_: str) -> dict[str, Any]:
    session = call.account.find(Session, id_)
    items, has_more = cut({item.id: item for item in session.items}, wanted)
    data = [line_document(session, item) for item in items]
    return {"object": "list", "data": data, "has_more": has_more, "url": line_items_url(session)}


def expire_session(call: Call, _: Parameters, id_: str) -> dict[str, Any]:
    session = call.account.find(Session, id_)
    if session.status != "open":
        message = (
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of `{session.status}`."
        )
        raise StripeError(400, message)
    payers.expire(call.world, call.account, session)
    return document_of(call.account, session)
