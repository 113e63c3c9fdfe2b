"""The parameter `expand`: ids in an answer that are replaced by what they name."""

from typing import Any

from local.fakes.stripe.answers import StripeError
from local.fakes.stripe.documents import document_of
from local.fakes.stripe.documents.sessions import line_document
from local.fakes.stripe.state import Account, Charge, Refund, Session

DEEPEST = 4

# What may be expanded in which object, and what comes in its place; of what may be several, no deeper.
EXPANDABLE: dict[str, dict[str, str]] = {
    "checkout.session": {"payment_intent": "payment_intent", "line_items": "lines"},
    "payment_intent": {"latest_charge": "charge"},
    "charge": {
        "balance_transaction": "balance_transaction",
        "payment_intent": "payment_intent",
        "refunds": "list refund",
    },
    "refund": {
        "balance_transaction": "balance_transaction",
        "charge": "charge",
        "failure_balance_transaction": "balance_transaction",
        "payment_intent": "payment_intent",
    },
    "balance_transaction": {"source": "any"},
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
}


def check_expansions(paths: list[str], kind: str) -> None:
    """Before anything is done: can an answer of `kind`, like `refund` or `list refund`, be expanded so?"""
    for path in paths:
        parts = path.split(".")
        if len(parts) > DEEPEST:
            raise StripeError(400, f"You cannot expand more than {DEEPEST} levels: {path}", param="expand")
        _check(parts, kind, path)


def _check(parts: list[str], kind: str, path: str) -> None:
    name, *rest = parts
    inside = {"data": kind.removeprefix("list ")} if kind.startswith("list ") else EXPANDABLE.get(kind, {})
    if name not in inside or (name == "data" and not rest):
        raise StripeError(400, f"This property cannot be expanded ({path}).", param="expand")
    if rest:
        _check(rest, inside[name], path)


def expanded(account: Account, document: dict[str, Any], paths: list[str]) -> dict[str, Any]:
    for path in paths:
        _expand(account, document, path.split("."))
    return document


def _expand(account: Account, document: dict[str, Any], parts: list[str]) -> None:
    name, *rest = parts
    if name == "data":
        for each in document["data"]:
            _expand(account, each, rest)
        return
    document[name] = _member(account, document, name)
    if rest and document[name] is not None:
        _expand(account, document[name], rest)


def _member(account: Account, document: dict[str, Any], name: str) -> dict[str, Any] | None:
    if name == "line_items":
        session = account.find(Session, document["id"])
        return whole_list([line_document(session, each) for each in session.items], line_items_url(session))
    if name == "refunds":
        charge = account.find(Charge, document["id"])
        refunds = [document_of(account, account.find(Refund, each)) for each in reversed(charge.refunds)]
        return whole_list(refunds, f"/v1/charges/{charge.id}/refunds")
    value = document.get(name)
    # It may have been expanded by another path already.
    return document_of(account, account.things[value]) if isinstance(value, str) else value


def line_items_url(session: Session) -> str:
    return f"/v1/checkout/sessions/{session.id}/line_items"


def whole_list(documents: list[dict[str, Any]], url: str) -> dict[str, Any]:
    return {"object": "list", "data": documents, "has_more": False, "url": url}
