"""Refunds, and what moved the balance."""

from typing import Any

from local.fakes.stripe.state import Account, BalanceTransaction, Refund

AVAILABLE_AFTER = 7 * 24 * 3600


def refund_document(_: Account, refund: Refund) -> dict[str, Any]:
    told = {
        "id": refund.id,
        "object": "refund",
        "amount": refund.amount,
        "balance_transaction": refund.balance_transaction,
        "charge": refund.charge,
        "created": refund.created,
        "currency": refund.currency,
        "destination_details": _destination(refund),
        "metadata": dict(refund.metadata),
        "payment_intent": refund.intent,
        "reason": refund.reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": refund.status,
        "transfer_reversal": None,
    }
    if refund.status == "pending":
        told["pending_reason"] = "processing"
    if refund.status == "failed":
        told["failure_reason"] = refund.failure_reason
        told["failure_balance_transaction"] = refund.failure_balance_transaction
    return told


def _destination(refund: Refund) -> dict[str, Any]:
    if refund.method_type != "card":
        return {"type": refund.method_type}
    card = {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}
    return {"type": "card", "card": card}


def balance_document(_: Account, moved: BalanceTransaction) -> dict[str, Any]:
    return {
        "id": moved.id,
        "object": "balance_transaction",
        "amount": moved.amount,
        "available_on": moved.created + AVAILABLE_AFTER,
        "balance_type": "payments",
        "created": moved.created,
        "currency": moved.currency,
        "description": None,
        "exchange_rate": None,
        "fee": moved.fee,
        "fee_details": _fees(moved),
        "net": moved.amount - moved.fee,
        "reporting_category": moved.reporting_category,
        "source": moved.source,
        "status": "pending",
        "type": moved.type,
    }


def _fees(moved: BalanceTransaction) -> list[dict[str, Any]]:
    if not moved.fee:
        return []
    fee = {"amount": moved.fee, "application": None, "currency": moved.currency}
    return [{**fee, "description": "Stripe processing fees", "type": "stripe_fee"}]
