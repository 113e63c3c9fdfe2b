"""What people do on the checkout page, and what their banks answer."""

from local.fakes.stripe.answers import StripeError, new_id
from local.fakes.stripe.bank import credit
from local.fakes.stripe.state import (
    Account,
    Charge,
    ChargeStatus,
    Failure,
    Intent,
    Method,
    PaymentStatus,
    Session,
)
from local.fakes.stripe.world import World

DECLINES = {
    "generic_decline": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "lost_card": "Your card was declined.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
}
_OWN_CODES = {"expired_card", "incorrect_cvc"}
_PREFIXES: dict[Method, str] = {"card": "ch", "sepa_debit": "py", "us_bank_account": "py"}


def pay(world: World, account: Account, session: Session, email: str | None) -> None:
    """With a card that works; a session that asks for nothing is done without one."""
    if session.total == 0:
        _check_open(session)
        session.email = session.customer_email or email
        _complete(world, account, session, "no_payment_required")
        return
    intent = _attempt(world, account, session, email, "card")
    _succeed(world, account, session, intent)


def decline(world: World, account: Account, session: Session, email: str | None, reason: str) -> None:
    """The session stays open, for another try."""
    intent = _attempt(world, account, session, email, "card")
    code = reason if reason in _OWN_CODES else "card_declined"
    intent.failure = Failure(code, DECLINES.get(reason, DECLINES["generic_decline"]), reason)
    charge = _charge(world, account, intent, "failed")
    world.announce(account, "charge.failed", charge)
    _fail(world, account, intent)


def ask_for_proof(world: World, account: Account, session: Session, email: str | None) -> None:
    """The card wants 3D Secure: nothing happens until the payer has proven who they are, or not."""
    intent = _attempt(world, account, session, email, "card")
    intent.status = "requires_action"
    world.announce(account, "payment_intent.requires_action", intent)


def prove(world: World, account: Account, session: Session, *, proven: bool) -> None:
    _check_open(session)
    intent = account.find(Intent, session.intent or "")
    if intent.status != "requires_action":
        raise StripeError(400, "This payment waits for no proof.", "payment_intent_unexpected_state")
    if proven:
        _succeed(world, account, session, intent)
        return
    message = "We are unable to authenticate your payment method."
    intent.failure = Failure("payment_intent_authentication_failure", message)
    _fail(world, account, intent)


def debit(world: World, account: Account, session: Session, email: str | None) -> None:
    """From a bank account: the session is complete, the money comes days later or never."""
    methods: list[Method] = [each for each in session.method_types if each != "card"]
    if not methods or not session.total:
        raise StripeError(400, "No bank debit is offered here.", "payment_method_not_available")
    intent = _attempt(world, account, session, email, methods[0])
    intent.status = "processing"
    charge = _charge(world, account, intent, "pending")
    world.announce(account, "charge.pending", charge)
    world.announce(account, "payment_intent.processing", intent)
    _complete(world, account, session, "unpaid")


def settle(world: World, account: Account, intent: Intent, *, succeeded: bool) -> None:
    """The bank's answer to a debit."""
    if intent.status != "processing":
        raise StripeError(400, f"Nothing is on its way: {intent.status}", "payment_intent_unexpected_state")
    session = account.find(Session, intent.session)
    charge = account.find(Charge, intent.charges[-1])
    if succeeded:
        charge.status = "succeeded"
        session.payment_status = "paid"
        _receive(world, account, intent, charge)
        world.announce(account, "checkout.session.async_payment_succeeded", session)
        return
    message = "The customer's account has insufficient funds."
    intent.failure = charge.failure = Failure("payment_intent_payment_attempt_failed", message)
    charge.status = "failed"
    world.announce(account, "charge.failed", charge)
    _fail(world, account, intent)
    world.announce(account, "checkout.session.async_payment_failed", session)


def expire(world: World, account: Account, session: Session) -> None:
    """The page takes nothing any more, and what was begun there is cancelled."""
    session.status = "expired"
    if session.intent:
        cancel(world, account, account.find(Intent, session.intent), "automatic")
    world.announce(account, "checkout.session.expired", session)


def cancel(world: World, account: Account, intent: Intent, reason: str | None) -> None:
    intent.status, intent.canceled_at, intent.cancellation_reason = "canceled", world.now(), reason
    world.announce(account, "payment_intent.canceled", intent)


def _check_open(session: Session) -> None:
    if session.status != "open":
        raise StripeError(400, f"This Checkout Session is {session.status}.", "checkout_session_not_open")


def _attempt(world: World, account: Account, session: Session, email: str | None, method: Method) -> Intent:
    """The session's intent, made when somebody tries to pay for the first time."""
    _check_open(session)
    if method not in session.method_types:
        raise StripeError(400, f"{method} is not offered here.", "payment_method_not_available")
    session.email = session.customer_email or email
    if session.intent is None:
        id_ = new_id("pi")
        secret = new_id(f"{id_}_secret")
        shown = (session.total, session.currency, session.id, secret)
        intent = Intent(id_, world.now(), *shown, session.intent_data, session.method_types)
        session.intent = id_
        world.add(account, intent)
        world.announce(account, "payment_intent.created", intent)
    intent = account.find(Intent, session.intent)
    intent.method, intent.method_type, intent.failure = new_id("pm"), method, None
    return intent


def _charge(world: World, account: Account, intent: Intent, status: ChargeStatus) -> Charge:
    charge = Charge(
        new_id(_PREFIXES[intent.method_type]),
        world.now(),
        intent.amount,
        intent.currency,
        intent.id,
        intent.data,
        intent.method or "",
        intent.method_type,
        account.find(Session, intent.session).email,
        status,
        intent.failure,
    )
    intent.charges.append(charge.id)
    world.add(account, charge)
    return charge


def _succeed(world: World, account: Account, session: Session, intent: Intent) -> None:
    charge = _charge(world, account, intent, "succeeded")
    _receive(world, account, intent, charge)
    _complete(world, account, session, "paid")


def _receive(world: World, account: Account, intent: Intent, charge: Charge) -> None:
    """Stripe tells of a charge before it has booked it."""
    intent.status = "succeeded"
    world.announce(account, "charge.succeeded", charge)
    world.announce(account, "payment_intent.succeeded", intent)
    credit(world, account, charge)


def _complete(world: World, account: Account, session: Session, status: PaymentStatus) -> None:
    session.status, session.payment_status = "complete", status
    world.announce(account, "checkout.session.completed", session)


def _fail(world: World, account: Account, intent: Intent) -> None:
    intent.status = "requires_payment_method"
    world.announce(account, "payment_intent.payment_failed", intent)
