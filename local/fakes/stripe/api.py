"""Stripe's API, as far as a school needs it: what serves which call."""

from typing import Any

from local.fakes.stripe import payments, sessions
from local.fakes.stripe.answers import StripeError
from local.fakes.stripe.calls import Call, Operation
from local.fakes.stripe.documents.events import account_document
from local.fakes.stripe.lists import cut
from local.fakes.stripe.parameters import (
    BalanceListParameters,
    ChargeListParameters,
    EventListParameters,
    IntentListParameters,
    ListParameters,
    Parameters,
    RefundListParameters,
    SessionListParameters,
)


def current_account(call: Call, _: Parameters) -> dict[str, Any]:
    return account_document(call.account)


def named_account(call: Call, _: Parameters, id_: str) -> dict[str, Any]:
    if id_ == call.account.id:
        return account_document(call.account)
    if id_ in call.account.connected:
        return account_document(call.world.accounts.by_id[id_])
    raise StripeError(404, f"No such account: '{id_}'", "resource_missing", "account")


def retrieve_event(call: Call, _: Parameters, id_: str) -> dict[str, Any]:
    if id_ not in call.account.events:
        raise StripeError(404, f"No such event: '{id_}'", "resource_missing", "id")
    return dict(call.account.events[id_])


def list_events(call: Call, wanted: EventListParameters) -> dict[str, Any]:
    newest_first = reversed(call.account.events.items())
    fitting = {id_: event for id_, event in newest_first if wanted.created.holds(event["created"])}
    if wanted.type:
        fitting = {id_: event for id_, event in fitting.items() if event["type"] == wanted.type}
    data, has_more = cut(fitting, wanted)
    return {"object": "list", "data": data, "has_more": has_more, "url": "/v1/events"}


_SESSIONS = "/v1/checkout/sessions"
_READ, _WRITE = "checkout_session_read", "checkout_session_write"
_SESSION, _INTENT, _MOVED = "checkout.session", "payment_intent", "balance_transaction"

OPERATIONS = {
    "GET /v1/account": Operation("account_read", "account", Parameters, current_account),
    "GET /v1/accounts/<id_>": Operation("account_read", "account", Parameters, named_account),
    f"POST {_SESSIONS}": Operation(_WRITE, _SESSION, sessions.NewSession, sessions.create_session),
    f"GET {_SESSIONS}": Operation(_READ, f"list {_SESSION}", SessionListParameters, sessions.list_sessions),
    f"GET {_SESSIONS}/<id_>": Operation(_READ, _SESSION, Parameters, sessions.retrieve_session),
    f"GET {_SESSIONS}/<id_>/line_items": Operation(
        _READ, "list item", ListParameters, sessions.list_line_items
    ),
    f"POST {_SESSIONS}/<id_>/expire": Operation(_WRITE, _SESSION, Parameters, sessions.expire_session),
    "GET /v1/payment_intents": Operation(
        "payment_intent_read", f"list {_INTENT}", IntentListParameters, payments.list_intents
    ),
    "GET /v1/payment_intents/<id_>": Operation(
        "payment_intent_read", _INTENT, Parameters, payments.retrieve_intent
    ),
    "POST /v1/payment_intents/<id_>/cancel": Operation(
        "payment_intent_write", _INTENT, payments.CancelledIntent, payments.cancel_intent
    ),
    "GET /v1/charges": Operation("charge_read", "list charge", ChargeListParameters, payments.list_charges),
    "GET /v1/charges/<id_>": Operation("charge_read", "charge", Parameters, payments.retrieve_charge),
    "POST /v1/refunds": Operation("refund_write", "refund", payments.NewRefund, payments.create_refund),
    "GET /v1/refunds": Operation("refund_read", "list refund", RefundListParameters, payments.list_refunds),
    "GET /v1/refunds/<id_>": Operation("refund_read", "refund", Parameters, payments.retrieve_refund),
    "GET /v1/disputes": Operation(
        "dispute_read", "list dispute", RefundListParameters, payments.list_disputes
    ),
    "GET /v1/disputes/<id_>": Operation("dispute_read", "dispute", Parameters, payments.retrieve_dispute),
    "GET /v1/balance_transactions": Operation(
        "balance_read", f"list {_MOVED}", BalanceListParameters, payments.list_balance
    ),
    "GET /v1/balance_transactions/<id_>": Operation(
        "balance_read", _MOVED, Parameters, payments.retrieve_balance
    ),
    "GET /v1/events": Operation("event_read", "list event", EventListParameters, list_events),
    "GET /v1/events/<id_>": Operation("event_read", "event", Parameters, retrieve_event),
}
