"""The control plane: what people, banks and networks do to Stripe. Bodies are JSON, in `orders.py`.

Webhooks: POST webhook-endpoints · events (any event, at once) · events/{id}/resend · events/hold ·
events/release · GET deliveries (`?wait=5`: until nothing is on its way, in seconds).
Money: POST payments/{id}/settle (a debit; by session, intent or charge) · refunds (as from the Dashboard) ·
refunds/next (statuses to come) · refunds/{id}/settle · disputes · disputes/{id}/close · sessions/{id}/expire.
Accounts: POST keys · keys/revoke · keys/roll · connected-accounts. Trouble: POST and DELETE faults ·
POST clock. To look at: GET state (`?apiKey=`) · GET calls.
"""

from collections.abc import Callable

from werkzeug.wrappers import Response

from local.fakes.stripe import control_accounts, control_events, control_money

CONTROLS: dict[str, Callable[..., Response]] = {
    f"{method} /_control/{path}": action
    for method, path, action in (
        ("POST", "webhook-endpoints", control_events.register_endpoint),
        ("POST", "events", control_events.announce),
        ("POST", "events/<event_id>/resend", control_events.resend),
        ("POST", "events/hold", control_events.hold),
        ("POST", "events/release", control_events.release),
        ("GET", "deliveries", control_events.deliveries),
        ("POST", "payments/<payment_id>/settle", control_money.settle_payment),
        ("POST", "refunds", control_money.refund),
        ("POST", "refunds/next", control_money.order_refunds),
        ("POST", "refunds/<refund_id>/settle", control_money.settle_refund),
        ("POST", "disputes", control_money.dispute),
        ("POST", "disputes/<dispute_id>/close", control_money.close_dispute),
        ("POST", "sessions/<session_id>/expire", control_money.expire),
        ("POST", "keys", control_accounts.add_key),
        ("POST", "keys/revoke", control_accounts.revoke_key),
        ("POST", "keys/roll", control_accounts.roll_key),
        ("POST", "connected-accounts", control_accounts.connect),
        ("POST", "faults", control_accounts.add_faults),
        ("DELETE", "faults", control_accounts.clear_faults),
        ("POST", "clock", control_accounts.set_clock),
        ("GET", "state", control_accounts.state),
        ("GET", "calls", control_accounts.calls),
    )
}
