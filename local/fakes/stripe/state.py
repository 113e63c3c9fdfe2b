"""What Stripe remembers. Amounts are in minor units, times in seconds since the epoch."""

from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from local.fakes.stripe.answers import StripeError
from local.fakes.stripe.delivery import Attempt, Endpoint

SessionStatus = Literal["open", "complete", "expired"]
PaymentStatus = Literal["unpaid", "paid", "no_payment_required"]
IntentStatus = Literal["requires_payment_method", "requires_action", "processing", "succeeded", "canceled"]
ChargeStatus = Literal["pending", "succeeded", "failed"]
RefundStatus = Literal["pending", "succeeded", "failed"]
DisputeStatus = Literal["needs_response", "won", "lost"]
Method = Literal["card", "sepa_debit", "us_bank_account"]
Metadata = dict[str, str]


@dataclass
class LineItem:
    id: str
    price: str
    product: str
    name: str
    unit_amount: int
    quantity: int
    metadata: Metadata


@dataclass
class IntentData:
    """What a session hands to the intent that it makes."""

    metadata: Metadata = field(default_factory=dict)
    description: str | None = None
    receipt_email: str | None = None
    statement_descriptor_suffix: str | None = None


@dataclass
class Session:
    """`method_types` are offered on its page; `email` is what the payer gave there."""

    id: str
    created: int
    expires_at: int
    currency: str
    items: list[LineItem]
    success_url: str
    cancel_url: str | None
    page: str
    metadata: Metadata
    intent_data: IntentData
    method_types: list[Method]
    client_reference_id: str | None = None
    customer_email: str | None = None
    locale: str | None = None
    submit_type: str | None = None
    adapts_price: bool = True
    status: SessionStatus = "open"
    payment_status: PaymentStatus = "unpaid"
    intent: str | None = None
    email: str | None = None

    @property
    def is_complete(self) -> bool:
        return self.status == "complete"

    @property
    def total(self) -> int:
        return sum(item.unit_amount * item.quantity for item in self.items)


@dataclass
class Failure:
    """Why a payment did not come: Stripe's code, the bank's code, and words."""

    code: str
    message: str
    decline_code: str | None = None


@dataclass
class Intent:
    """`method` and `method_type` are those of the last attempt, `failure` too."""

    id: str
    created: int
    amount: int
    currency: str
    session: str
    client_secret: str
    data: IntentData
    method_types: list[Method]
    status: IntentStatus = "requires_payment_method"
    charges: list[str] = field(default_factory=list)
    method: str | None = None
    method_type: Method = "card"
    failure: Failure | None = None
    canceled_at: int | None = None
    cancellation_reason: str | None = None

    @property
    def latest_charge(self) -> str | None:
        return self.charges[-1] if self.charges else None


@dataclass
class Charge:
    id: str
    created: int
    amount: int
    currency: str
    intent: str
    data: IntentData
    method: str
    method_type: Method
    email: str | None
    status: ChargeStatus
    failure: Failure | None = None
    balance_transaction: str | None = None
    refunds: list[str] = field(default_factory=list)
    dispute: str | None = None


@dataclass
class Refund:
    id: str
    created: int
    amount: int
    currency: str
    charge: str
    intent: str
    reason: str | None
    metadata: Metadata
    status: RefundStatus
    method_type: Method
    balance_transaction: str | None = None
    failure_reason: str | None = None
    failure_balance_transaction: str | None = None


@dataclass
class BalanceTransaction:
    """`amount` is signed, as it moved the balance; `fee` is Stripe's."""

    id: str
    created: int
    amount: int
    fee: int
    currency: str
    source: str
    type: str
    reporting_category: str


@dataclass
class Dispute:
    id: str
    created: int
    amount: int
    currency: str
    charge: str
    intent: str
    reason: str
    status: DisputeStatus = "needs_response"
    balance_transactions: list[str] = field(default_factory=list)


Thing = Session | Intent | Charge | Refund | BalanceTransaction | Dispute
T = TypeVar("T", Session, Intent, Charge, Refund, BalanceTransaction, Dispute)

NAMES: dict[type[Thing], str] = {
    Session: "checkout.session",
    Intent: "payment_intent",
    Charge: "charge",
    Refund: "refund",
    BalanceTransaction: "balance_transaction",
    Dispute: "dispute",
}


@dataclass
class Account:
    """What belongs to one school at Stripe; `endpoints` by URL, `events` as they were sent.

    `holding` keeps events back in `held`; `next_refunds` are the statuses that the coming refunds get.
    """

    id: str
    created: int
    things: dict[str, Thing] = field(default_factory=dict)
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    connected: set[str] = field(default_factory=set)
    holding: bool = False
    held: list[dict[str, Any]] = field(default_factory=list)
    next_refunds: list[RefundStatus] = field(default_factory=list)

    def every(self, kind: type[T]) -> list[T]:
        """Oldest first."""
        return [thing for thing in self.things.values() if isinstance(thing, kind)]

    def find(self, kind: type[T], id_: str, param: str | None = None) -> T:
        """Raises StripeError when this account has no such thing; `param` is where the id was given."""
        thing = self.things.get(id_)
        if isinstance(thing, kind):
            return thing
        status, name = (400, param) if param else (404, "id")
        word = NAMES[kind]
        raise StripeError(status, f"No such {word}: '{id_}'", "resource_missing", name)

    def refunded(self, charge: Charge) -> int:
        """What was given back of a charge or is on its way; a refund that failed does not count."""
        refunds = (self.find(Refund, each) for each in charge.refunds)
        return sum(refund.amount for refund in refunds if refund.status != "failed")
