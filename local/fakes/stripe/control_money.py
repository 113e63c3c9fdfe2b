"""What payers' banks do, and what people do in the Dashboard."""

from werkzeug.wrappers import Request, Response

from local.fakes.stripe import bank, payers
from local.fakes.stripe.answers import StripeError, json_answer
from local.fakes.stripe.control_bodies import order_of
from local.fakes.stripe.documents import document_of
from local.fakes.stripe.orders import ClosedDispute, DashboardRefund, NewDispute, NextRefunds, Outcome
from local.fakes.stripe.state import Dispute, Intent, Refund, Session
from local.fakes.stripe.world import World


def settle_payment(world: World, request: Request, payment_id: str) -> Response:
    order = order_of(request, Outcome)
    with world.lock:
        account = world.accounts.owner_of(payment_id)
        charge = bank.charge_of_payment(account, payment_id)
        intent = account.find(Intent, charge.intent)
        payers.settle(world, account, intent, succeeded=order.status == "succeeded")
        return json_answer(document_of(account, intent))


def refund(world: World, request: Request) -> Response:
    """From the Dashboard: our service hears of it by an event only."""
    order = order_of(request, DashboardRefund)
    with world.lock:
        account = world.accounts.owner_of(order.payment)
        charge = bank.refundable_charge(account, bank.charge_of_payment(account, order.payment).id, None)
        given = bank.refund(world, account, charge, order.amount, order.reason, dict(order.metadata))
        return json_answer(document_of(account, given), 201)


def order_refunds(world: World, request: Request) -> Response:
    order = order_of(request, NextRefunds)
    with world.lock:
        world.account_of(order.api_key).next_refunds = list(order.statuses)
    return json_answer({})


def settle_refund(world: World, request: Request, refund_id: str) -> Response:
    order = order_of(request, Outcome)
    with world.lock:
        account = world.accounts.owner_of(refund_id)
        given = account.find(Refund, refund_id)
        bank.settle_refund(world, account, given, order.status, order.failure_reason)
        return json_answer(document_of(account, given))


def dispute(world: World, request: Request) -> Response:
    order = order_of(request, NewDispute)
    with world.lock:
        account = world.accounts.owner_of(order.payment)
        charge = bank.charge_of_payment(account, order.payment)
        opened = bank.dispute(world, account, charge, order.amount, order.reason)
        return json_answer(document_of(account, opened), 201)


def close_dispute(world: World, request: Request, dispute_id: str) -> Response:
    order = order_of(request, ClosedDispute)
    with world.lock:
        account = world.accounts.owner_of(dispute_id)
        opened = account.find(Dispute, dispute_id)
        bank.close_dispute(world, account, opened, order.status)
        return json_answer(document_of(account, opened))


def expire(world: World, _: Request, session_id: str) -> Response:
    """As if its time had come."""
    with world.lock:
        account = world.accounts.owner_of(session_id)
        session = account.find(Session, session_id)
        if session.status != "open":
            raise StripeError(400, f"This Checkout Session is {session.status}.", "checkout_session_not_open")
        payers.expire(world, account, session)
        return json_answer(document_of(account, session))
