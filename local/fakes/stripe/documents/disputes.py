"""A dispute: the payer's bank takes the money back, at least for a while."""

from typing import Any

from local.fakes.stripe.documents.money import balance_document
from local.fakes.stripe.state import Account, BalanceTransaction, Dispute

ANSWER_WITHIN = 7 * 24 * 3600

_NAMES = """access_activity_log billing_address cancellation_policy cancellation_policy_disclosure
    cancellation_rebuttal customer_communication customer_email_address customer_name customer_purchase_ip
    customer_signature duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id
    product_description receipt refund_policy refund_policy_disclosure refund_refusal_explanation service_date
    service_documentation shipping_address shipping_carrier shipping_date shipping_documentation
    shipping_tracking_number uncategorized_file uncategorized_text"""

_CARD = {"brand": "visa", "case_type": "chargeback", "network": "visa", "network_reason_code": "83"}


def dispute_document(account: Account, dispute: Dispute) -> dict[str, Any]:
    moved = [account.find(BalanceTransaction, each) for each in dispute.balance_transactions]
    return {
        "id": dispute.id,
        "object": "dispute",
        "amount": dispute.amount,
        "balance_transactions": [balance_document(account, each) for each in moved],
        "charge": dispute.charge,
        "created": dispute.created,
        "currency": dispute.currency,
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(_NAMES.split()), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": dispute.created + ANSWER_WITHIN,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": dispute.intent,
        "payment_method_details": {"type": "card", "card": _CARD},
        "reason": dispute.reason,
        "status": dispute.status,
    }
