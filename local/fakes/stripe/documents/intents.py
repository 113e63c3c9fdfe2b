"""A payment intent."""

from typing import Any

from local.fakes.stripe.documents.methods import method_document
from local.fakes.stripe.state import Account, Intent


def intent_document(_: Account, intent: Intent) -> dict[str, Any]:
    received = intent.amount if intent.status == "succeeded" else 0
    return {
        "id": intent.id,
        "object": "payment_intent",
        "amount": intent.amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": received,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": intent.canceled_at,
        "cancellation_reason": intent.cancellation_reason,
        "capture_method": "automatic_async",
        "client_secret": intent.client_secret,
        "confirmation_method": "automatic",
        "created": intent.created,
        "currency": intent.currency,
        "customer": None,
        "description": intent.data.description,
        "last_payment_error": _failure(intent),
        "latest_charge": intent.latest_charge,
        "livemode": False,
        "metadata": dict(intent.data.metadata),
        "next_action": _next_action(intent),
        "on_behalf_of": None,
        "payment_method": intent.method,
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": list(intent.method_types),
        "processing": None,
        "receipt_email": intent.data.receipt_email,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": intent.data.statement_descriptor_suffix,
        "status": intent.status,
        "transfer_data": None,
        "transfer_group": None,
    }


def _next_action(intent: Intent) -> dict[str, Any] | None:
    if intent.status != "requires_action":
        return None
    return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}


def _failure(intent: Intent) -> dict[str, Any] | None:
    failure = intent.failure
    if failure is None:
        return None
    told: dict[str, Any] = {
        "type": "card_error" if intent.method_type == "card" else "invalid_request_error",
        "code": failure.code,
        "message": failure.message,
    }
    if failure.decline_code:
        told["decline_code"] = failure.decline_code
    if intent.latest_charge:
        told["charge"] = intent.latest_charge
    if intent.method:
        told["payment_method"] = method_document(intent.method, intent.method_type, intent.created)
    return told
