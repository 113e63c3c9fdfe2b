"""Money that moves after a payment: what Stripe books, gives back, and loses to a payer's bank."""

from local.fakes.stripe.answers import StripeError, new_id
from local.fakes.stripe.currencies import fee_of
from local.fakes.stripe.state import (
    Account,
    BalanceTransaction,
    Charge,
    Dispute,
    DisputeStatus,
    Intent,
    Metadata,
    Refund,
    RefundStatus,
    Session,
)
from local.fakes.stripe.world import World

DISPUTE_FEE = 1500


def credit(world: World, account: Account, charge: Charge) -> None:
    kind = "charge" if charge.method_type == "card" else "payment"
    fee = fee_of(charge.amount, charge.currency)
    charge.balance_transaction = _book(world, account, charge, charge.amount, kind, fee)
    world.announce(account, "charge.updated", charge)


def refundable_charge(account: Account, charge_id: str | None, intent_id: str | None) -> Charge:
    """The charge to be given back, named by itself or by its intent. Raises StripeError."""
    if charge_id:
        charge = account.find(Charge, charge_id, "charge")
    else:
        intent = account.find(Intent, intent_id or "", "payment_intent")
        if intent.status != "succeeded":
            message = f"This PaymentIntent ({intent.id}) does not have a successful charge to refund."
            raise StripeError(400, message, "payment_intent_unexpected_state", "payment_intent")
        charge = account.find(Charge, intent.charges[-1])
    if charge.status != "succeeded":
        raise StripeError(400, f"Charge {charge.id} has not been captured.", "charge_not_refundable")
    if charge.dispute and account.find(Dispute, charge.dispute).status != "won":
        raise StripeError(400, f"Charge {charge.id} has been charged back.", "charge_disputed")
    return charge


def refund(
    world: World, account: Account, charge: Charge, amount: int | None, reason: str | None, metadata: Metadata
) -> Refund:
    """All that is left when `amount` (minor units) is None. Raises StripeError when that is less."""
    left = charge.amount - account.refunded(charge)
    if not left:
        message = f"Charge {charge.id} has already been refunded."
        raise StripeError(400, message, "charge_already_refunded")
    if amount is not None and amount > left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})."
        raise StripeError(400, message, param="amount")
    card = charge.method_type == "card"
    given = Refund(
        new_id("re" if card else "pyr"),
        world.now(),
        left if amount is None else amount,
        charge.currency,
        charge.id,
        charge.intent,
        reason,
        metadata,
        "pending",
        charge.method_type,
    )
    world.add(account, given)
    _begin(world, account, charge, given, account.next_refunds.pop(0) if account.next_refunds else None)
    return given


def _begin(
    world: World, account: Account, charge: Charge, given: Refund, ordered: RefundStatus | None
) -> None:
    """Back to a card it takes a moment, back to a bank account days, unless something else was ordered."""
    status = ordered or ("succeeded" if given.method_type == "card" else "pending")
    charge.refunds.append(given.id)
    given.status = status
    if status == "succeeded":
        _take(world, account, given)
    if status == "failed":
        given.failure_reason = "unknown"
    world.announce(account, "refund.created", given)
    if status == "failed":
        world.announce(account, "refund.failed", given)
    else:
        world.announce(account, "charge.refunded", charge)


def settle_refund(world: World, account: Account, given: Refund, status: RefundStatus, reason: str) -> None:
    """A refund that is on its way arrives or fails; one that had arrived may still come back."""
    if given.status in ("failed", status):
        raise StripeError(400, f"The refund is {given.status} already.", "refund_unexpected_state")
    taken = given.balance_transaction
    given.status = status
    if status == "succeeded":
        _take(world, account, given)
    elif taken:
        kind = "refund_failure" if given.method_type == "card" else "payment_failure_refund"
        given.failure_balance_transaction = _book(world, account, given, given.amount, kind)
    if status == "failed":
        given.failure_reason = reason
        world.announce(account, "refund.failed", given)
    world.announce(account, "refund.updated", given)
    world.announce(account, "charge.updated", account.find(Charge, given.charge))


def _take(world: World, account: Account, given: Refund) -> None:
    kind = "refund" if given.method_type == "card" else "payment_refund"
    given.balance_transaction = _book(world, account, given, -given.amount, kind)


def dispute(world: World, account: Account, charge: Charge, amount: int | None, reason: str) -> Dispute:
    """The payer's bank takes `amount` (minor units; None: all of it) back."""
    if charge.status != "succeeded" or charge.dispute:
        raise StripeError(400, f"Charge {charge.id} cannot be disputed.", "charge_not_disputable")
    wanted = charge.amount if amount is None else amount
    if wanted > charge.amount:
        raise StripeError(400, "More than was charged cannot be disputed.", param="amount")
    opened = Dispute(new_id("du"), world.now(), wanted, charge.currency, charge.id, charge.intent, reason)
    charge.dispute = opened.id
    world.add(account, opened)
    booked = _book(world, account, opened, -wanted, "adjustment", DISPUTE_FEE)
    opened.balance_transactions.append(booked)
    world.announce(account, "charge.dispute.created", opened)
    world.announce(account, "charge.dispute.funds_withdrawn", opened)
    return opened


def close_dispute(world: World, account: Account, opened: Dispute, status: DisputeStatus) -> None:
    if opened.status != "needs_response":
        raise StripeError(400, f"This dispute is {opened.status} already.", "dispute_unexpected_state")
    opened.status = status
    if status == "won":
        booked = _book(world, account, opened, opened.amount, "adjustment", -DISPUTE_FEE)
        opened.balance_transactions.append(booked)
        world.announce(account, "charge.dispute.funds_reinstated", opened)
    world.announce(account, "charge.dispute.closed", opened)


def charge_of_payment(account: Account, id_: str) -> Charge:
    """The last charge of a session, an intent or a charge, by any of their ids."""
    thing = account.things[id_]
    if isinstance(thing, Session):
        thing = account.find(Intent, thing.intent or "")
    if isinstance(thing, Intent):
        thing = account.find(Charge, thing.latest_charge or "")
    if isinstance(thing, Charge):
        return thing
    raise StripeError(404, f"No such payment: '{id_}'", "resource_missing", "payment")


def _book(
    world: World, account: Account, source: Charge | Refund | Dispute, amount: int, kind: str, fee: int = 0
) -> str:
    category = {"adjustment": "dispute", "payment": "charge", "payment_refund": "refund"}.get(kind, kind)
    moved = BalanceTransaction(
        new_id("txn"), world.now(), amount, fee, source.currency, source.id, kind, category
    )
    world.add(account, moved)
    return moved.id
