"""Whether money comes back, and the rows that say so; Stripe is asked for it later, by their ids."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import ARRAY, Connection, Integer, bindparam, text

Reason = Literal["ATTENDEE_IN_TIME", "SCHOOL", "LATE_PAYMENT"]

# Whoever cancels at the same time asks for the same row: a rule gives a payment back once, what is left of
# it, and nothing of what a bank is asked to decide. The worker is woken to ask Stripe.
_REQUEST = text("""
    WITH made AS (SELECT CAST(:now AS timestamptz) AT TIME ZONE 'UTC' AS at),
    asked AS (
        INSERT INTO "Refund" ("tenantId", "bookingId", "paymentId", amount, currency, reason,
                              "createdAt", "updatedAt")
        SELECT p."tenantId", p."bookingId", p.id, p.amount - given.amount, p.currency, :reason,
               made.at, made.at
        FROM made, "Payment" p CROSS JOIN LATERAL (
            SELECT coalesce(sum(r.amount), 0) AS amount FROM "Refund" r
            WHERE r."paymentId" = p.id AND r."tenantId" = p."tenantId" AND r.status <> 'FAILED') given
        WHERE p."tenantId" = :tenant AND p."bookingId" = ANY(:bookings)
          AND p.success AND NOT p.refunded AND p."disputedAt" IS NULL AND p.amount > given.amount
        ORDER BY p.id
        ON CONFLICT ("paymentId") WHERE reason IN ('ATTENDEE_IN_TIME', 'SCHOOL', 'LATE_PAYMENT') DO NOTHING
        RETURNING "paymentId")
    UPDATE "Checkout" c SET "lookAt" = LEAST(c."lookAt", made.at)
    FROM made, asked JOIN "Payment" p ON p.id = asked."paymentId" AND p."tenantId" = :tenant
    WHERE c.id = p."checkoutId" AND c."tenantId" = :tenant
""").bindparams(bindparam("bookings", type_=ARRAY(Integer)))


def is_refundable(now: datetime, refundable_until: datetime) -> bool:
    """Whether a student who cancels at `now` is refunded: up to and in the very second of the deadline."""
    return now.replace(microsecond=0) <= refundable_until


def request_refunds(
    connection: Connection, tenant_id: int, booking_ids: Sequence[int], reason: Reason, now: datetime
) -> None:
    """A pending refund of each payment of these bookings that was made and not given back."""
    if booking_ids:
        asked = {"tenant": tenant_id, "bookings": list(booking_ids), "reason": reason, "now": now}
        connection.execute(_REQUEST, asked)
