"""One look at one checkout: Stripe is asked, we are brought up to its answer, and refunds are asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, text

from shared.clients.stripe import Stripe
from shared.clients.stripe_errors import PaymentRefused, PaymentsNotSetUp, StripeObjectMissing
from shared.database import in_tenant
from shared.payments.ask_stripe import CheckoutFacts, KnownCheckout, ask_stripe, load_known
from shared.payments.claim_checkouts import Look
from shared.payments.settle_checkout import DueRefund, Settled, settle_checkout
from shared.payments.stripe_access import StripeDoor
from shared.payments.sync_refunds import keep_refund, refuse_refund
from shared.tenant_scope import of_tenant

Result = TypeVar("Result")

# How long until we ask again when nobody has told us anything.
WHILE_OPEN, WHILE_ON_ITS_WAY = timedelta(minutes=3), timedelta(hours=1)

# Whatever happened meanwhile has brought the next look forward already.
_DONE = text("""
    UPDATE "Checkout" SET attempts = 0, "errorCode" = NULL,
           "lookAt" = CAST(:next AS timestamptz) AT TIME ZONE 'UTC'
    WHERE id = :checkout AND "tenantId" = :tenant
      AND "lookAt" = CAST(:leased AS timestamptz) AT TIME ZONE 'UTC'
""")
_FAILED = text("""
    UPDATE "Checkout" SET "errorCode" = :code, "lookAt" = CAST(:next AS timestamptz) AT TIME ZONE 'UTC'
    WHERE id = :checkout AND "tenantId" = :tenant
      AND "lookAt" = CAST(:leased AS timestamptz) AT TIME ZONE 'UTC'
""")


@dataclass(frozen=True, slots=True)
class Teller:
    """What looks need: the database under the policies, and the way to Stripe."""

    database: Engine
    door: StripeDoor


def look_at_checkout(teller: Teller, look: Look, now: datetime) -> Settled | None:
    """Where the checkout is after it; None when it is there no more.

    Raises what `Stripe` and the sealer raise; what was settled until then stays so.
    """
    known = _in_school(teller, look, lambda c: load_known(c, look.tenant_id, look.id))
    if known is None:
        return None
    if known.session_id is None:
        settled = _settled(teller, look, known, None, now)
    else:
        with teller.door.open(known.access()) as stripe:
            facts = _facts(stripe, known, known.session_id, now)
            settled = _settled(teller, look, known, facts, now)
            for refund in settled.to_send:
                _send(teller, look, stripe, settled.intent_id or "", refund, now)
    _in_school(teller, look, lambda c: _put_off(c, look, _next_look(known, settled, now)))
    return settled


def give_up_hold(teller: Teller, look: Look, now: datetime) -> None:
    """Stripe could not be asked until the session has ended by itself: the time is freed all the same.

    Should it turn out to be paid, that is a late payment.
    """
    known = _in_school(teller, look, lambda c: load_known(c, look.tenant_id, look.id))
    if known is not None and known.status in ("NEW", "OPEN") and known.expires_at <= now:
        _in_school(teller, look, lambda c: settle_checkout(c, look.tenant_id, look.id, None, now))


def give_back(teller: Teller, look: Look, now: datetime) -> None:
    """It was taken and not begun, and is due at once."""
    _in_school(teller, look, lambda c: _put_off(c, look, now))


def put_off_failed(connection: Connection, look: Look, code: str, until: datetime) -> None:
    """It is looked at again then."""
    connection.execute(_FAILED, {**_key(look), "code": code, "next": until})


def _facts(stripe: Stripe, known: KnownCheckout, session_id: str, now: datetime) -> CheckoutFacts | None:
    """None for a page that nobody can pay with the keys that are set now."""
    try:
        return ask_stripe(stripe, session_id, close=known.is_over(now))
    except StripeObjectMissing:
        if known.status in ("NEW", "OPEN") and known.is_over(now):
            return None
        raise PaymentsNotSetUp(reason="another_account") from None


def _settled(
    teller: Teller, look: Look, known: KnownCheckout, facts: CheckoutFacts | None, now: datetime
) -> Settled:
    if facts is None and not known.is_over(now):
        return Settled("NEW" if known.session_id is None else "OPEN")
    return _in_school(teller, look, lambda c: settle_checkout(c, look.tenant_id, look.id, facts, now))


def _send(
    teller: Teller, look: Look, stripe: Stripe, intent_id: str, refund: DueRefund, now: datetime
) -> None:
    """Its id is the key: however often it is sent, Stripe gives the money back once."""
    try:
        seen = stripe.refund(intent_id, refund.amount, str(refund.id))
    except PaymentRefused as error:
        code = str(error.members["stripeCode"])
        _in_school(teller, look, lambda c: refuse_refund(c, look.tenant_id, refund.id, code, now))
        return
    _in_school(teller, look, lambda c: keep_refund(c, look.tenant_id, refund.id, seen, now))


def _next_look(known: KnownCheckout, settled: Settled, now: datetime) -> datetime | None:
    """None when nothing is open any more and only Stripe itself may have something to tell."""
    if settled.status in ("NEW", "OPEN"):
        return (
            max(now, min(known.hold_until, now + WHILE_OPEN)) if not known.is_over(now) else now + WHILE_OPEN
        )
    if settled.to_send:
        # What Stripe made of them is summed up at once.
        return now
    return now + WHILE_ON_ITS_WAY if settled.status == "PROCESSING" or settled.waits else None


def _put_off(connection: Connection, look: Look, until: datetime | None) -> None:
    connection.execute(_DONE, {**_key(look), "next": until})


def _key(look: Look) -> dict[str, Any]:
    return {"checkout": look.id, "tenant": look.tenant_id, "leased": look.leased_until}


def _in_school(teller: Teller, look: Look, work: Callable[[Connection], Result]) -> Result:
    return in_tenant(teller.database, of_tenant(look.tenant_id), work)
