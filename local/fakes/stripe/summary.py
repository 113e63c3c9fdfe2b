"""An account's money at a glance, to be compared with what a school believes."""

from collections import Counter
from typing import Any

from local.fakes.stripe.state import Account, Charge, Dispute, Intent, Refund, Session


def summary_of(account: Account) -> dict[str, Any]:
    captured: Counter[str] = Counter()
    refunded: Counter[str] = Counter()
    for charge in account.every(Charge):
        if charge.status == "succeeded":
            captured[charge.currency] += charge.amount
            refunded[charge.currency] += account.refunded(charge)
    return {
        "account": account.id,
        "captured": dict(captured),
        "refunded": dict(refunded),
        "sessions": [_session(each) for each in account.every(Session)],
        "payments": [_payment(account, each) for each in account.every(Intent)],
        "refunds": [_refund(each) for each in account.every(Refund)],
        "disputes": [{"id": each.id, "status": each.status} for each in account.every(Dispute)],
    }


def _session(session: Session) -> dict[str, Any]:
    return {
        "id": session.id,
        "status": session.status,
        "paymentStatus": session.payment_status,
        "clientReferenceId": session.client_reference_id,
        "metadata": session.metadata,
        "amount": session.total,
        "currency": session.currency,
        "url": session.page,
    }


def _payment(account: Account, intent: Intent) -> dict[str, Any]:
    charges = [account.find(Charge, each) for each in intent.charges]
    succeeded = [charge for charge in charges if charge.status == "succeeded"]
    return {
        "id": intent.id,
        "session": intent.session,
        "status": intent.status,
        "currency": intent.currency,
        "metadata": intent.data.metadata,
        "charges": [charge.id for charge in charges],
        "captured": sum(charge.amount for charge in succeeded),
        "refunded": sum(account.refunded(charge) for charge in succeeded),
    }


def _refund(refund: Refund) -> dict[str, Any]:
    return {
        "id": refund.id,
        "payment": refund.intent,
        "charge": refund.charge,
        "amount": refund.amount,
        "currency": refund.currency,
        "status": refund.status,
        "metadata": refund.metadata,
    }
