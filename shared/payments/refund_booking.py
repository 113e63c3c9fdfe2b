"""The school gives money back, whatever the rules say: all that is left of a payment, or a part."""

from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from sqlalchemy import Connection, text

from shared.audit.record_audit import Subject, record_audit
from shared.bookings.lock_booking import lock_staffs_booking
from shared.bookings.staff_queries import get_staffs_booking
from shared.bookings.staff_schemas import StaffBookingView
from shared.errors import IdempotencyKeyReused
from shared.payments.errors import NothingToRefund, PaymentDisputed, RefundTooLarge
from shared.payments.money_schemas import NewRefund
from shared.staff.find_staff import StaffMember

_FIRST = text("""
    SELECT "bookingId" AS booking, amount FROM "Refund" WHERE id = :id AND "tenantId" = :tenant
""")
_LEFT = text("""
    SELECT p.id, p.currency, p."checkoutId" AS checkout, p."disputedAt" IS NOT NULL AS disputed,
           p.amount - (SELECT coalesce(sum(r.amount), 0) FROM "Refund" r
                       WHERE r."paymentId" = p.id AND r."tenantId" = p."tenantId"
                         AND r.status <> 'FAILED') AS "left"
    FROM "Payment" p WHERE p."bookingId" = :booking AND p."tenantId" = :tenant AND p.success
      AND p."checkoutId" IS NOT NULL ORDER BY p.id LIMIT 1
""")
_REQUEST = text("""
    WITH made AS (SELECT CAST(:now AS timestamptz) AT TIME ZONE 'UTC' AS at),
    asked AS (
        INSERT INTO "Refund" (id, "tenantId", "bookingId", "paymentId", amount, currency, reason, "createdAt",
                              "updatedAt")
        SELECT :id, :tenant, :booking, :payment, :amount, :currency, 'STAFF', at, at FROM made)
    UPDATE "Checkout" SET "lookAt" = LEAST("lookAt", made.at) FROM made
    WHERE id = :checkout AND "tenantId" = :tenant
""")


def refund_booking(
    connection: Connection,
    staff: StaffMember,
    uid: str,
    command: NewRefund,
    key: str | None,
    now: datetime,
) -> StaffBookingView:
    """The booking with its new refund, once for a key. The booking itself stays what it is.

    Raises BookingNotFound, NothingToRefund, PaymentDisputed, RefundTooLarge, IdempotencyKeyReused.
    """
    booking = lock_staffs_booking(connection, staff, uid)
    tenant, refund = booking.tenant_id, _id_of(booking.tenant_id, key)
    first = connection.execute(_FIRST, {"id": refund, "tenant": tenant}).one_or_none()
    if first is None:
        amount = _request(connection, tenant, booking.id, refund, command.amount, now)
        told = {"amount": {"before": None, "after": amount}}
        record_audit(connection, tenant, staff, "booking.refunded", Subject("booking", uid), now, told)
    elif first.booking != booking.id or command.amount not in (None, first.amount):
        raise IdempotencyKeyReused
    return get_staffs_booking(connection, staff, uid)


def _id_of(tenant_id: int, key: str | None) -> UUID:
    """The key names the refund itself, here and at Stripe."""
    return uuid4() if key is None else uuid5(NAMESPACE_URL, f"refund of {tenant_id}: {key}")


def _request(
    connection: Connection, tenant: int, booking: int, refund: UUID, amount: int | None, now: datetime
) -> int:
    """What is given back."""
    found = connection.execute(_LEFT, {"booking": booking, "tenant": tenant}).one_or_none()
    if found is None or found.left <= 0:
        raise NothingToRefund
    if found.disputed:
        raise PaymentDisputed
    if amount is not None and amount > found.left:
        raise RefundTooLarge(left=int(found.left))
    asked = {"payment": found.id, "currency": found.currency, "checkout": found.checkout, "now": now}
    wanted = {"id": refund, "booking": booking, "amount": amount or int(found.left)}
    connection.execute(_REQUEST, {"tenant": tenant, **asked, **wanted})
    return amount or int(found.left)
