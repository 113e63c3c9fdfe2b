"""A checkout session, and the lines of it."""

from typing import Any

from local.fakes.stripe.state import Account, LineItem, Session


def session_document(_: Account, session: Session) -> dict[str, Any]:
    return {
        "id": session.id,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": session.adapts_price},
        "after_expiration": None,
        "allow_promotion_codes": None,
        "amount_subtotal": session.total,
        "amount_total": session.total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "cancel_url": session.cancel_url,
        "client_reference_id": session.client_reference_id,
        "client_secret": None,
        "consent": None,
        "consent_collection": None,
        "created": session.created,
        "currency": session.currency,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": dict.fromkeys(
            ["after_submit", "shipping_address", "submit", "terms_of_service_acceptance"]
        ),
        "customer": None,
        "customer_creation": "if_required",
        "customer_details": _customer(session),
        "customer_email": session.customer_email,
        "discounts": [],
        "expires_at": session.expires_at,
        "invoice": None,
        "invoice_creation": None,
        "livemode": False,
        "locale": session.locale,
        "metadata": dict(session.metadata),
        "mode": "payment",
        "payment_intent": session.intent,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": list(session.method_types),
        "payment_status": session.payment_status,
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": session.status,
        "submit_type": session.submit_type,
        "subscription": None,
        "success_url": session.success_url,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        # A page that takes no payment any more has no address.
        "url": session.page if session.status == "open" else None,
        "wallet_options": None,
    }


def _customer(session: Session) -> dict[str, Any] | None:
    email = session.email or session.customer_email
    if email is None:
        return None
    nothing = dict.fromkeys(["address", "business_name", "individual_name", "name", "phone", "tax_ids"], None)
    return {**nothing, "email": email, "tax_exempt": "none"}


def line_document(session: Session, item: LineItem) -> dict[str, Any]:
    total = item.unit_amount * item.quantity
    return {
        "id": item.id,
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": session.currency,
        "description": item.name,
        "metadata": dict(item.metadata),
        "price": _price(session, item),
        "quantity": item.quantity,
    }


def _price(session: Session, item: LineItem) -> dict[str, Any]:
    return {
        "id": item.price,
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "created": session.created,
        "currency": session.currency,
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": item.product,
        "recurring": None,
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": item.unit_amount,
        "unit_amount_decimal": str(item.unit_amount),
    }
