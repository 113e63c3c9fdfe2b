"""What people pay with: Stripe's well-known test cards and accounts."""

from typing import Any

from local.fakes.stripe.state import Method

_CARD = {
    "brand": "visa",
    "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
    "country": "US",
    "exp_month": 12,
    "exp_year": 2034,
    "fingerprint": "Xt5EWLLDS7FJjR1c",
    "funding": "credit",
    "last4": "4242",
    "wallet": None,
}
_SEPA = {
    "bank_code": "37040044",
    "branch_code": "",
    "country": "DE",
    "fingerprint": "vifs0Ho7vwRn1Miu",
    "last4": "3000",
}
_US_BANK = {
    "account_holder_type": "individual",
    "account_type": "checking",
    "bank_name": "STRIPE TEST BANK",
    "fingerprint": "Ih3foEnRwULysmgc",
    "last4": "6789",
    "routing_number": "110000000",
}


def billing_details(email: str | None) -> dict[str, Any]:
    address = dict.fromkeys(["city", "country", "line1", "line2", "postal_code", "state"])
    return {"address": address, "email": email, "name": None, "phone": None, "tax_id": None}


def method_document(id_: str, method: Method, created: int) -> dict[str, Any]:
    """A payment method as an intent's last error carries it."""
    return {
        "id": id_,
        "object": "payment_method",
        "allow_redisplay": "limited",
        "billing_details": billing_details(None),
        "created": created,
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": method,
        method: _of_method(method),
    }


def _of_method(method: Method) -> dict[str, Any]:
    if method == "card":
        networks = {"available": ["visa"], "preferred": None}
        usage = {"supported": True}
        more = {"display_brand": "visa", "generated_from": None, "networks": networks}
        return {**_CARD, **more, "three_d_secure_usage": usage, "regulated_status": "unregulated"}
    if method == "sepa_debit":
        return {**_SEPA, "generated_from": None}
    return {**_US_BANK, "financial_connections_account": None, "networks": None, "status_details": None}


def charged_method(method: Method, amount: int) -> dict[str, Any]:
    """The member `payment_method_details` of a charge."""
    if method == "card":
        more = {"amount_authorized": amount, "authorization_code": None, "installments": None}
        rest = {"mandate": None, "network": "visa", "network_token": {"used": False}, "three_d_secure": None}
        told: dict[str, Any] = {**_CARD, **more, **rest, "regulated_status": "unregulated"}
    elif method == "sepa_debit":
        told = {**_SEPA, "mandate": None}
    else:
        told = {**_US_BANK, "mandate": None, "payment_reference": None}
    return {"type": method, method: told}
