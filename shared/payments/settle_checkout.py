"""A checkout is brought up to what Stripe says of it, with all that follows for its bookings."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Integer, Row, bindparam, text

from shared.bookings.actors import SYSTEM
from shared.bookings.cancel_bookings import cancel_bookings
from shared.errors import TryAgain
from shared.notifications.tell_staff import tell_admins
from shared.payments.accept_paid import accept_paid
from shared.payments.ask_stripe import CheckoutFacts
from shared.payments.checkout_status import UNPAID, Status, later_of, mismatch_of, status_of
from shared.payments.sync_refunds import sync_refunds
from shared.telemetry import logger

_OF_CHECKOUT = """
    SELECT b.id FROM "Booking" b JOIN "Payment" p ON p."bookingId" = b.id AND p."tenantId" = b."tenantId"
    WHERE p."checkoutId" = :checkout AND p."tenantId" = :tenant ORDER BY b.id
"""
# Bookings first and in order, as everybody locks them.
_LOCK_BOOKINGS, _BOOKINGS = text(f"{_OF_CHECKOUT} FOR UPDATE OF b"), text(_OF_CHECKOUT)
_LOCK = text("""
    SELECT status, amount, currency, livemode, flag FROM "Checkout"
    WHERE id = :checkout AND "tenantId" = :tenant FOR UPDATE
""")
_WRITE = text("""
    UPDATE "Checkout" SET status = :status, flag = coalesce(CAST(:flag AS text), flag),
           "paymentIntentId" = coalesce("paymentIntentId", CAST(:intent AS text)),
           "feeAmount" = coalesce(CAST(:fee AS int), "feeAmount"),
           "feeCurrency" = coalesce(CAST(:fee_currency AS text), "feeCurrency"),
           "paidAt" = CASE WHEN :status = 'PAID' THEN coalesce("paidAt", at.now) END, "updatedAt" = at.now
    FROM (SELECT CAST(:now AS timestamptz) AT TIME ZONE 'UTC' AS now) at
    WHERE id = :checkout AND "tenantId" = :tenant
""")
_HOLD = text("""
    UPDATE "Booking" b SET "holdExpiresAt" = CASE WHEN :until_start THEN b."startTime" ELSE LEAST(
               b."holdExpiresAt", CAST(:now AS timestamptz) AT TIME ZONE 'UTC') END
    WHERE b.id = ANY(:ids) AND b."tenantId" = :tenant AND b.status = 'pending'
""").bindparams(bindparam("ids", type_=ARRAY(Integer)))


@dataclass(frozen=True, slots=True)
class DueRefund:
    """That Stripe has not been asked for yet, or has not answered."""

    id: UUID
    amount: int


@dataclass(frozen=True, slots=True)
class Settled:
    """Where the checkout is now, and which refunds of it are still to be asked for; `flag`: not believed."""

    status: Status
    intent_id: str | None = None
    flag: str | None = None
    to_send: tuple[DueRefund, ...] = ()
    waits: bool = False


def settle_checkout(
    connection: Connection, tenant_id: int, checkout_id: UUID, facts: CheckoutFacts | None, now: datetime
) -> Settled:
    """Without `facts` it is closed unpaid: nobody was ever shown its page, or it has ended by itself.

    May be called with the same facts again, and with older ones. Raises TryAgain when a booking was moved
    meanwhile.
    """
    key = {"checkout": checkout_id, "tenant": tenant_id}
    bookings = list(connection.execute(_LOCK_BOOKINGS, key).scalars())
    known = connection.execute(_LOCK, key).one()
    if list(connection.execute(_BOOKINGS, key).scalars()) != bookings:
        raise TryAgain
    flag = _flag(known, facts, key) if facts else None
    seen: Status = status_of(facts.session) if facts else "EXPIRED"
    status = later_of(known.status, "FAILED" if flag and seen != "OPEN" else seen)
    connection.execute(_WRITE, {**key, **_told(facts), "status": status, "flag": flag, "now": now})
    if flag:
        logger.error("checkout is not what was sold", checkout_id=str(checkout_id), flag=flag)
        if known.flag is None:
            tell_admins(connection, tenant_id, "payment.flagged", {"checkoutId": str(checkout_id)})
    _follow(connection, tenant_id, checkout_id, known.status, status, bookings, now)
    if status != "PAID" or facts is None or flag:
        return Settled(status, flag=flag)
    to_send, waits = sync_refunds(connection, tenant_id, checkout_id, facts, now)
    due = tuple(DueRefund(each.id, each.amount) for each in to_send)
    return Settled(status, facts.session.intent_id, None, due, waits)


def _flag(known: Row[Any], facts: CheckoutFacts, key: dict[str, Any]) -> str | None:
    """Why this is not the money that was asked for, or None."""
    session = facts.session
    of_another = mismatch_of(session, str(key["checkout"]), str(key["tenant"]), livemode=known.livemode)
    if of_another:
        return of_another
    if session.currency != known.currency:
        return "currency_mismatch"
    received = session.received if session.intent_status == "succeeded" else known.amount
    return None if session.amount == known.amount == received else "amount_mismatch"


def _told(facts: CheckoutFacts | None) -> dict[str, Any]:
    charge = facts.session.charge if facts else None
    return {
        "intent": facts.session.intent_id if facts else None,
        "fee": charge.fee if charge else None,
        "fee_currency": charge.fee_currency if charge else None,
    }


def _follow(  # what of which
    connection: Connection,
    tenant_id: int,
    checkout_id: UUID,
    before: Status,
    status: Status,
    bookings: list[int],
    now: datetime,
) -> None:
    """What the change means for the bookings, which are locked."""
    if status == before:
        return
    if status == "PAID":
        accept_paid(connection, tenant_id, checkout_id, bookings, now)
        return
    # As fine as the column is: a hold that ends now must not end a moment later.
    ends = now.replace(microsecond=now.microsecond // 1000 * 1000)
    held = {"tenant": tenant_id, "ids": bookings, "now": ends}
    if status == "PROCESSING":
        # A bank takes days, and whoever has begun to pay keeps the time meanwhile.
        connection.execute(_HOLD, {**held, "until_start": True})
    elif status in UNPAID:
        connection.execute(_HOLD, {**held, "until_start": False})
        cancel_bookings(connection, tenant_id, bookings, SYSTEM, None, now)
