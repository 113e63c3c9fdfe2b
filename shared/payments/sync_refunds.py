"""Our refunds and Stripe's are made one: by our id in theirs, by theirs in ours, and else imported."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from aws_lambda_powertools.metrics import MetricUnit
from sqlalchemy import Connection, Row, Text, bindparam, text

from shared.clients.stripe import RefundFacts
from shared.notifications.tell_staff import tell_admins
from shared.payments.ask_stripe import CheckoutFacts
from shared.telemetry import logger, metrics

# Somebody has given it back already, or the bank decides: nobody waits for this money.
_NOT_MISSED = ("refunded_elsewhere", "disputed")

RefundStatus = Literal["PENDING", "SUCCEEDED", "FAILED"]

_OURS = text("""
    SELECT r.id, r."paymentId" AS payment, r.amount, r.status, r."externalId" AS external
    FROM "Refund" r JOIN "Payment" p ON p.id = r."paymentId" AND p."tenantId" = r."tenantId"
    WHERE p."checkoutId" = :checkout AND p."tenantId" = :tenant ORDER BY r."createdAt", r.id
""")
_PAYMENTS = text("""
    SELECT id, "bookingId" AS booking, amount, currency FROM "Payment"
    WHERE "checkoutId" = :checkout AND "tenantId" = :tenant ORDER BY id
""")
_UPDATE = text("""
    UPDATE "Refund" SET status = :status, "externalId" = coalesce("externalId", CAST(:external AS text)),
           "failureCode" = :failure, "updatedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
    WHERE id = :id AND "tenantId" = :tenant
""").bindparams(bindparam("external", type_=Text), bindparam("failure", type_=Text))
_IMPORT = text("""
    INSERT INTO "Refund" ("tenantId", "bookingId", "paymentId", amount, currency, reason, status,
                          "externalId", "createdAt", "updatedAt")
    SELECT :tenant, :booking, :payment, :amount, :currency, 'DASHBOARD', :status, :external, at.now, at.now
    FROM (SELECT CAST(:now AS timestamptz) AT TIME ZONE 'UTC' AS now) at
    ON CONFLICT ("paymentId", "externalId") DO NOTHING
""")
_NOT_YET_DISPUTED = text("""
    SELECT EXISTS (SELECT FROM "Payment" WHERE "checkoutId" = :checkout AND "tenantId" = :tenant
                   AND "disputedAt" IS NULL)
""")
_SUM_UP = text("""
    UPDATE "Payment" p SET refunded = p.amount <= (
               SELECT coalesce(sum(r.amount), 0) FROM "Refund" r
               WHERE r."paymentId" = p.id AND r."tenantId" = p."tenantId" AND r.status = 'SUCCEEDED'),
           "disputedAt" = CASE WHEN :disputed
               THEN coalesce(p."disputedAt", CAST(:now AS timestamptz) AT TIME ZONE 'UTC')
               ELSE p."disputedAt" END
    WHERE p."checkoutId" = :checkout AND p."tenantId" = :tenant
""")
_REFUNDED = text("""
    UPDATE "Checkout" SET "amountRefunded" = :refunded WHERE id = :checkout AND "tenantId" = :tenant
""")


def sync_refunds(
    connection: Connection, tenant_id: int, checkout_id: UUID, facts: CheckoutFacts, now: datetime
) -> tuple[Sequence[Row[Any]], bool]:
    """Bring the refunds of a paid checkout, whose row is locked, to what Stripe lists.

    Returns those that Stripe has not been asked for, and whether any is still on its way there.
    """
    key = {"checkout": checkout_id, "tenant": tenant_id}
    for refund in facts.refunds:
        _bring_up(connection, key, refund, now)
    disputed = facts.session.charge is not None and facts.session.charge.disputed
    if disputed and connection.execute(_NOT_YET_DISPUTED, key).scalar():
        tell_admins(connection, tenant_id, "payment.disputed", {"checkoutId": str(checkout_id)})
    _give_up_what_cannot_be(connection, key, now, disputed=disputed)
    connection.execute(_SUM_UP, {**key, "disputed": disputed, "now": now})
    given = sum(each.amount for each in facts.refunds if status_of_refund(each) != "FAILED")
    connection.execute(_REFUNDED, {**key, "refunded": given})
    ours = connection.execute(_OURS, key).all()
    waiting = [each for each in ours if each.status == "PENDING"]
    return [each for each in waiting if each.external is None], any(each.external for each in waiting)


def status_of_refund(refund: RefundFacts) -> RefundStatus:
    if refund.status == "succeeded":
        return "SUCCEEDED"
    return "FAILED" if refund.status in ("failed", "canceled") else "PENDING"


def keep_refund(
    connection: Connection, tenant_id: int, refund_id: UUID, seen: RefundFacts, now: datetime
) -> None:
    """What Stripe has answered to ours."""
    status = status_of_refund(seen)
    _write(connection, tenant_id, refund_id, (status, seen.id, seen.failure), now)


def refuse_refund(connection: Connection, tenant_id: int, refund_id: UUID, code: str, now: datetime) -> None:
    """Stripe will not do it, whoever asks."""
    _write(connection, tenant_id, refund_id, ("FAILED", None, code), now)


def _bring_up(connection: Connection, key: dict[str, Any], seen: RefundFacts, now: datetime) -> None:
    """One refund of Stripe's: ours by what it says of itself, known by its id, or new from elsewhere."""
    ours = connection.execute(_OURS, key).all()
    meant = [each for each in ours if str(each.id) == seen.metadata.get("refund") or each.external == seen.id]
    if not meant:
        _import(connection, key, seen, ours, now)
    for each in meant:
        if each.status != status_of_refund(seen) or each.external is None:
            keep_refund(connection, key["tenant"], each.id, seen, now)


def _import(
    connection: Connection, key: dict[str, Any], seen: RefundFacts, ours: Sequence[Row[Any]], now: datetime
) -> None:
    """Somebody gave money back at Stripe itself: it is taken from the bookings that have some left."""
    left, status = seen.amount, status_of_refund(seen)
    for payment in connection.execute(_PAYMENTS, key).all():
        share = min(left, payment.amount - _given(ours, payment.id))
        if share > 0 and status != "FAILED":
            told = {"booking": payment.booking, "payment": payment.id, "currency": payment.currency}
            values = {**told, "amount": share, "status": status, "external": seen.id, "now": now}
            connection.execute(_IMPORT, {"tenant": key["tenant"], **values})
            left -= share


def _given(ours: Sequence[Row[Any]], payment: int) -> int:
    """What of a payment Stripe has given back or is about to."""
    return sum(
        each.amount for each in ours if each.payment == payment and each.external and each.status != "FAILED"
    )


def _give_up_what_cannot_be(
    connection: Connection, key: dict[str, Any], now: datetime, *, disputed: bool
) -> None:
    """Of what is left to be sent: what was given back elsewhere, and what the bank decides by now."""
    ours = connection.execute(_OURS, key).all()
    amounts = {each.id: each.amount for each in connection.execute(_PAYMENTS, key)}
    for each in ours:
        if each.status != "PENDING" or each.external is not None:
            continue
        too_much = _given(ours, each.payment) + each.amount > amounts[each.payment]
        if disputed or too_much:
            elsewhere, bank = _NOT_MISSED
            code = bank if disputed else elsewhere
            refuse_refund(connection, key["tenant"], each.id, code, now)


def _write(
    connection: Connection,
    tenant_id: int,
    refund_id: UUID,
    seen: tuple[RefundStatus, str | None, str | None],
    now: datetime,
) -> None:
    status, external, failure = seen
    told = {"status": status, "external": external, "failure": failure if status == "FAILED" else None}
    connection.execute(_UPDATE, {"id": refund_id, "tenant": tenant_id, **told, "now": now})
    if status == "FAILED":
        logger.error("refund failed", tenant_id=tenant_id, refund_id=str(refund_id), code=failure)
        metrics.add_metric(name="RefundsFailed", unit=MetricUnit.Count, value=1)
        if failure not in _NOT_MISSED:
            tell_admins(connection, tenant_id, "refund.failed", {"refundId": str(refund_id)})
