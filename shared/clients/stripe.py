"""What the service asks of Stripe, in its own words; Stripe's library is loaded at the first question.

One client is one school's: its key, and the account that is charged when the key is a platform's.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from shared.clients.stripe_errors import (
    PaymentRefused,
    PaymentsNotSetUp,
    PaymentsUnavailable,
    StripeObjectMissing,
)

if TYPE_CHECKING:
    from stripe import Account, Charge, HTTPClient, PaymentIntent, Refund, StripeClient
    from stripe.checkout import Session
    from stripe.params.checkout import SessionCreateParams

# The answers are read as this version gives them, whatever the account's own is.
API_VERSION = "2026-10-28.endive"
# Three attempts must end before a request to us does.
CONNECT_SECONDS, READ_SECONDS = 1.5, 3.0
RETRIES = 1

_EXPAND = ["payment_intent.latest_charge.balance_transaction"]
_MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class StripeAccess:
    """The school's key, whose account it is when it is not the key's own, and where Stripe is."""

    api_key: str = field(repr=False)
    account_id: str | None
    api_url: str


@dataclass(frozen=True, slots=True)
class AccountFacts:
    id: str
    charges_enabled: bool
    country: str | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Sale:
    """What is sold: `amount` of minor units in all for `seats` of the same, and where people go then."""

    amount: int
    seats: int
    currency: str
    title: str
    email: str
    locale: str
    success_url: str
    cancel_url: str
    expires_at: datetime
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ChargeFacts:
    """`fee` in minor units of `fee_currency`, when it is known by now."""

    disputed: bool
    fee: int | None
    fee_currency: str | None


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """A Checkout Session as it stands; `received` is what its intent has taken, in minor units."""

    id: str
    url: str | None
    status: str | None
    payment_status: str
    amount: int | None
    currency: str | None
    livemode: bool
    metadata: Mapping[str, str]
    intent_id: str | None = None
    intent_status: str | None = None
    received: int = 0
    charge: ChargeFacts | None = None


@dataclass(frozen=True, slots=True)
class RefundFacts:
    id: str
    amount: int
    currency: str
    status: str
    failure: str | None
    metadata: Mapping[str, str]


class Stripe:
    """Every call raises PaymentsNotSetUp, PaymentsUnavailable, PaymentRefused or StripeObjectMissing."""

    def __init__(self, access: StripeAccess) -> None:
        self._access = access

    def account(self) -> AccountFacts:
        """The account that is charged."""
        with _told_as_ours():
            found = self._account()
        return AccountFacts(found.id, bool(found.charges_enabled), found.country, found.default_currency)

    def create_session(self, sale: Sale, key: str) -> SessionFacts:
        """The session for `key`: the same one again for the same sale."""
        with _told_as_ours():
            made = self._client.v1.checkout.sessions.create(_asked(sale), {"idempotency_key": key})
        return _session(made)

    def session(self, session_id: str) -> SessionFacts:
        with _told_as_ours():
            found = self._client.v1.checkout.sessions.retrieve(session_id, {"expand": _EXPAND})
        return _session(found)

    def expire_session(self, session_id: str) -> None:
        """Nobody can pay it any more. Raises PaymentRefused when it is not open."""
        with _told_as_ours():
            self._client.v1.checkout.sessions.expire(session_id)

    def refund(self, intent_id: str, amount: int, key: str) -> RefundFacts:
        """Give back `amount` of minor units; the same refund again for the same key."""
        with _told_as_ours():
            made = self._client.v1.refunds.create(
                {"payment_intent": intent_id, "amount": amount, "metadata": {"refund": key}},
                {"idempotency_key": key},
            )
        return _refund(made)

    def refunds(self, intent_id: str) -> list[RefundFacts]:
        """All refunds of the payment, whoever asked for them."""
        with _told_as_ours():
            found = self._client.v1.refunds.list({"payment_intent": intent_id, "limit": _MOST_LISTED})
            return [_refund(each) for each in found.auto_paging_iter()]

    def close(self) -> None:
        """Hang up, if anything was asked."""
        if "_http" in self.__dict__:
            self._http.close()  # type: ignore[no-untyped-call]

    def _account(self) -> "Account":
        return self._client.v1.accounts.retrieve_current()

    @cached_property
    def _client(self) -> "StripeClient":
        import stripe

        return stripe.StripeClient(
            self._access.api_key,
            stripe_account=self._access.account_id,
            stripe_version=API_VERSION,
            base_addresses={"api": self._access.api_url},
            max_network_retries=RETRIES,
            http_client=self._http,
        )

    @cached_property
    def _http(self) -> "HTTPClient":
        import stripe

        return stripe.RequestsClient(timeout=(CONNECT_SECONDS, READ_SECONDS))


def _asked(sale: Sale) -> "SessionCreateParams":
    metadata = dict(sale.metadata)
    return {
        "mode": "payment",
        "line_items": [
            {
                "quantity": sale.seats,
                "price_data": {
                    "currency": sale.currency,
                    "unit_amount": sale.amount // sale.seats,
                    "product_data": {"name": sale.title},
                },
            }
        ],
        "customer_email": sale.email,
        "success_url": sale.success_url,
        "cancel_url": sale.cancel_url,
        "locale": "vi" if sale.locale == "vi" else "en" if sale.locale == "en" else "auto",
        "expires_at": int(sale.expires_at.timestamp()),
        "client_reference_id": metadata["checkout"],
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata},
        # What is paid has to be what was asked for, in the currency of the price.
        "adaptive_pricing": {"enabled": False},
    }


def _session(found: "Session") -> SessionFacts:
    intent: Any = found.payment_intent
    whole: PaymentIntent | None = None if intent is None or isinstance(intent, str) else intent
    return SessionFacts(
        id=found.id,
        url=found.url,
        status=found.status,
        payment_status=found.payment_status,
        amount=found.amount_total,
        currency=found.currency,
        livemode=found.livemode,
        metadata=_metadata(found.metadata),
        intent_id=whole.id if whole else intent,
        intent_status=whole.status if whole else None,
        received=(whole.amount_received or 0) if whole else 0,
        charge=_charge(whole.latest_charge) if whole else None,
    )


def _charge(found: "str | Charge | None") -> ChargeFacts | None:
    if found is None or isinstance(found, str):
        return None
    balance = found.balance_transaction
    known = None if balance is None or isinstance(balance, str) else balance
    return ChargeFacts(found.disputed, known.fee if known else None, known.currency if known else None)


def _refund(found: "Refund") -> RefundFacts:
    return RefundFacts(
        found.id,
        found.amount,
        found.currency,
        found.status or "pending",
        getattr(found, "failure_reason", None),
        _metadata(found.metadata),
    )


def _metadata(found: Any) -> dict[str, str]:
    return found.to_dict() if hasattr(found, "to_dict") else dict(found or {})


@contextmanager
def _told_as_ours() -> Iterator[None]:
    """Stripe's messages are not passed on: they quote what was sent."""
    import stripe

    try:
        yield
    except (stripe.AuthenticationError, stripe.PermissionError):
        raise PaymentsNotSetUp(reason="key_refused") from None
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise PaymentsUnavailable from error
    except stripe.StripeError as error:
        raise _refusal(error.http_status, error.code) from None


def _refusal(status: int | None, code: str | None) -> Exception:
    if status is None or status >= 500 or status == 409:
        # Also another request with the same key, which is still on its way.
        return PaymentsUnavailable()
    if status == 404:
        return StripeObjectMissing(code)
    return PaymentRefused(stripeCode=code or "unknown")
