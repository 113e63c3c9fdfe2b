"""A charge: one try to get the money of an intent."""

from typing import Any

from local.fakes.stripe.documents.methods import billing_details, charged_method
from local.fakes.stripe.state import Account, Charge


def charge_document(account: Account, charge: Charge) -> dict[str, Any]:
    refunded = account.refunded(charge)
    captured = charge.status == "succeeded"
    failure = charge.failure
    return {
        "id": charge.id,
        "object": "charge",
        "amount": charge.amount,
        "amount_captured": charge.amount if captured else 0,
        "amount_refunded": refunded,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": charge.balance_transaction,
        "billing_details": billing_details(charge.email),
        "calculated_statement_descriptor": "Stripe",
        "captured": captured,
        "created": charge.created,
        "currency": charge.currency,
        "customer": None,
        "description": charge.data.description,
        "disputed": charge.dispute is not None,
        "failure_balance_transaction": None,
        "failure_code": failure.code if failure else None,
        "failure_message": failure.message if failure else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(charge.data.metadata),
        "on_behalf_of": None,
        "outcome": _outcome(charge),
        "paid": charge.status != "failed",
        "payment_intent": charge.intent,
        "payment_method": charge.method,
        "payment_method_details": charged_method(charge.method_type, charge.amount),
        "radar_options": {},
        "receipt_email": charge.data.receipt_email,
        "receipt_number": None,
        "receipt_url": None,
        "refunded": captured and refunded == charge.amount,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": charge.data.statement_descriptor_suffix,
        "status": charge.status,
        "transfer_data": None,
        "transfer_group": None,
    }


def _outcome(charge: Charge) -> dict[str, Any]:
    nothing = dict.fromkeys(["advice_code", "network_advice_code", "network_decline_code"])
    if charge.failure:
        reason = charge.failure.decline_code or charge.failure.code
        told: tuple[str | None, ...] = (
            "issuer_declined",
            "declined_by_network",
            reason,
            "The bank declined the payment.",
        )
    else:
        told = ("authorized", "approved_by_network", None, "Payment complete.")
    named = dict(zip(("type", "network_status", "reason", "seller_message"), told, strict=True))
    return {**nothing, **named, "risk_level": "normal"}
