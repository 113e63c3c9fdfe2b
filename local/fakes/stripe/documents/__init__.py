"""Stripe's objects as its API tells them, in the version that the SDK pins."""

from collections.abc import Callable
from typing import Any

from local.fakes.stripe.documents.charges import charge_document
from local.fakes.stripe.documents.disputes import dispute_document
from local.fakes.stripe.documents.intents import intent_document
from local.fakes.stripe.documents.money import balance_document, refund_document
from local.fakes.stripe.documents.sessions import session_document
from local.fakes.stripe.state import (
    Account,
    BalanceTransaction,
    Charge,
    Dispute,
    Intent,
    Refund,
    Session,
    Thing,
)

_DOCUMENTS: dict[type[Thing], Callable[[Account, Any], dict[str, Any]]] = {
    Session: session_document,
    Intent: intent_document,
    Charge: charge_document,
    Refund: refund_document,
    BalanceTransaction: balance_document,
    Dispute: dispute_document,
}


def document_of(account: Account, thing: Thing) -> dict[str, Any]:
    return _DOCUMENTS[type(thing)](account, thing)
