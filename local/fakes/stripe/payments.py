"""Intents, charges, refunds, disputes and the balance over the API."""

from typing import Annotated, Any, Literal

from pydantic import Field

from local.fakes.stripe import bank, payers
from local.fakes.stripe.answers import StripeError
from local.fakes.stripe.calls import Call
from local.fakes.stripe.currencies import check_step
from local.fakes.stripe.documents import document_of
from local.fakes.stripe.lists import page_of
from local.fakes.stripe.parameters import (
    BalanceListParameters,
    ChargeListParameters,
    Integer,
    IntentListParameters,
    Metadata,
    Parameters,
    RefundListParameters,
)
from local.fakes.stripe.state import BalanceTransaction, Charge, Dispute, Intent, Refund, Session, T


class CancelledIntent(Parameters):
    cancellation_reason: Literal["abandoned", "duplicate", "fraudulent", "requested_by_customer"] | None = (
        None
    )


class NewRefund(Parameters):
    """By the charge or by its intent; all that is left unless `amount` (minor units) says less."""

    charge: str | None = None
    payment_intent: str | None = None
    amount: Annotated[Integer | None, Field(ge=1)] = None
    reason: Literal["duplicate", "fraudulent", "requested_by_customer"] | None = None
    metadata: Metadata = Field(default_factory=dict)


def retrieve(call: Call, kind: type[T], id_: str) -> dict[str, Any]:
    return document_of(call.account, call.account.find(kind, id_))


def retrieve_intent(call: Call, _: Parameters, id_: str) -> dict[str, Any]:
    return retrieve(call, Intent, id_)


def retrieve_charge(call: Call, _: Parameters, id_: str) -> dict[str, Any]:
    return retrieve(call, Charge, id_)


def retrieve_refund(call: Call, _: Parameters, id_: str) -> dict[str, Any]:
    return retrieve(call, Refund, id_)


def retrieve_dispute(call: Call, _: Parameters, id_: str) -> dict[str, Any]:
    return retrieve(call, Dispute, id_)


def retrieve_balance(call: Call, _: Parameters, id_: str) -> dict[str, Any]:
    return retrieve(call, BalanceTransaction, id_)


def list_intents(call: Call, wanted: IntentListParameters) -> dict[str, Any]:
    return page_of(call.account, call.account.every(Intent), wanted, "/v1/payment_intents")


def list_charges(call: Call, wanted: ChargeListParameters) -> dict[str, Any]:
    _check_known(call, wanted.payment_intent, None)
    charges = call.account.every(Charge)
    return page_of(call.account, charges, wanted, "/v1/charges", intent=wanted.payment_intent)


def list_refunds(call: Call, wanted: RefundListParameters) -> dict[str, Any]:
    _check_known(call, wanted.payment_intent, wanted.charge)
    filters = {"intent": wanted.payment_intent, "charge": wanted.charge}
    return page_of(call.account, call.account.every(Refund), wanted, "/v1/refunds", **filters)


def list_disputes(call: Call, wanted: RefundListParameters) -> dict[str, Any]:
    _check_known(call, wanted.payment_intent, wanted.charge)
    filters = {"intent": wanted.payment_intent, "charge": wanted.charge}
    return page_of(call.account, call.account.every(Dispute), wanted, "/v1/disputes", **filters)


def list_balance(call: Call, wanted: BalanceListParameters) -> dict[str, Any]:
    filters = {"source": wanted.source, "type": wanted.type, "currency": wanted.currency}
    moved = call.account.every(BalanceTransaction)
    return page_of(call.account, moved, wanted, "/v1/balance_transactions", **filters)


def _check_known(call: Call, intent: str | None, charge: str | None) -> None:
    if intent:
        call.account.find(Intent, intent, "payment_intent")
    if charge:
        call.account.find(Charge, charge, "charge")


def cancel_intent(call: Call, order: CancelledIntent, id_: str) -> dict[str, Any]:
    intent = call.account.find(Intent, id_)
    if call.account.find(Session, intent.session).status == "open":
        message = (
            "You cannot cancel the PaymentIntent of a Checkout Session. Expire the Checkout Session instead."
        )
        raise StripeError(400, message)
    if intent.status != "requires_payment_method":
        message = f"You cannot cancel this PaymentIntent because it has a status of {intent.status}."
        raise StripeError(400, message, "payment_intent_unexpected_state")
    payers.cancel(call.world, call.account, intent, order.cancellation_reason)
    return document_of(call.account, intent)


def create_refund(call: Call, order: NewRefund) -> dict[str, Any]:
    if bool(order.charge) == bool(order.payment_intent):
        message = "One of the following params should be provided for this request: payment_intent or charge."
        code = "parameter_missing" if not order.charge else None
        raise StripeError(400, message, code, "payment_intent")
    charge = bank.refundable_charge(call.account, order.charge, order.payment_intent)
    if order.amount is not None:
        check_step(order.amount, charge.currency, "amount")
    refund = bank.refund(call.world, call.account, charge, order.amount, order.reason, order.metadata)
    return document_of(call.account, refund)
