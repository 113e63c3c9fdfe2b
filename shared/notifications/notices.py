"""Which notice tells somebody of the staff of what, and when it is not true any more."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from shared.domains.schemas import CHALLENGE_LABEL
from shared.invitations.renew_token import DAYS, renew_token
from shared.notifications.spoken_money import spoken_money
from shared.notifications.spoken_time import spoken_date

Payload = Mapping[str, Any]
# The words that the template asks for, in the language; None when it is not true any more.
Facts = Callable[[Connection, int, Payload, str], dict[str, Any] | None]

_FAILED_REFUND = text("""
    SELECT r.amount, r.currency, r."failureCode" AS code, b.uid, b.title FROM "Refund" r
    JOIN "Booking" b ON b.id = r."bookingId" AND b."tenantId" = r."tenantId"
    WHERE r.id = CAST(:refund AS uuid) AND r."tenantId" = :tenant AND r.status = 'FAILED'
""")
# A month that is over, or a plan that has grown meanwhile, is nothing to warn of.
_NEARLY_FULL = text("""
    SELECT u."bookingsCount" AS used, t."maxBookingsPerMonth" AS allowed, renews
    FROM "TenantUsage" u JOIN "Tenant" t ON t.id = u."tenantId"
    CROSS JOIN LATERAL (SELECT make_date(u.year, u.month, 1) + interval '1 month') AS next (renews)
    WHERE u."tenantId" = :tenant AND u.year = :year AND u.month = :month
      AND u."bookingsCount"::bigint * 100 >= t."maxBookingsPerMonth"::bigint * :percent
      AND renews > now() AT TIME ZONE 'UTC'
""")

_CHECKOUT = text("""
    SELECT c.amount, c.currency, c.flag, b.uid, b.title FROM "Checkout" c
    JOIN "Payment" p ON p."checkoutId" = c.id AND p."tenantId" = c."tenantId"
    JOIN "Booking" b ON b.id = p."bookingId" AND b."tenantId" = p."tenantId"
    WHERE c.id = CAST(:checkout AS uuid) AND c."tenantId" = :tenant ORDER BY b.id LIMIT 1
""")

# Not when the record is back, or the school has released the domain itself meanwhile.
_DOMAIN = text("""
    SELECT domain FROM "CustomDomain"
    WHERE id = :id AND "tenantId" = :tenant AND status = :status AND "missingSince" IS NOT NULL
""")


@dataclass(frozen=True, slots=True)
class Notice:
    template: str
    facts: Facts


def _failed_refund(
    connection: Connection, tenant_id: int, payload: Payload, language: str
) -> dict[str, Any] | None:
    asked = {"tenant": tenant_id, "refund": payload.get("refundId")}
    row = connection.execute(_FAILED_REFUND, asked).one_or_none()
    if row is None:
        return None
    amount = spoken_money(row.amount, row.currency, language)
    return {"amount": amount, "code": row.code or "", "booking": row.uid, "title": row.title}


def _invited(connection: Connection, tenant_id: int, payload: Payload, _: str) -> dict[str, Any] | None:
    """The link is made with its mail, so that no queue and no table holds it."""
    token = renew_token(connection, tenant_id, payload["userId"])
    # Behind the # it reaches neither a server nor its log.
    return {"path": f"/#invitation={token}", "days": DAYS} if token else None


def _domain(connection: Connection, tenant_id: int, payload: Payload, _: str) -> dict[str, Any] | None:
    asked = {"tenant": tenant_id, "id": payload.get("domainId"), "status": payload.get("status")}
    domain = connection.execute(_DOMAIN, asked).scalar_one_or_none()
    return domain and {"domain": domain, "record": f"{CHALLENGE_LABEL}.{domain}"}


_PAUSED = text("""
    SELECT EXISTS (SELECT FROM "ImmersioGate" WHERE "tenantId" = :tenant AND refusals > 0)
""")
_HELD = text("""
    SELECT "heldRemovals" FROM "ImmersioSyncState" WHERE "tenantId" = :tenant AND stream = :stream
""")


def _paused_sync(connection: Connection, tenant_id: int, _: Payload, __: str) -> dict[str, Any] | None:
    return {} if connection.execute(_PAUSED, {"tenant": tenant_id}).scalar_one() else None


def _held_removals(connection: Connection, tenant_id: int, payload: Payload, _: str) -> dict[str, Any] | None:
    stream = str(payload.get("stream"))
    held = connection.execute(_HELD, {"tenant": tenant_id, "stream": stream}).scalar_one_or_none()
    return {"count": held, "of_students": stream == "students"} if held else None


def _checkout(
    connection: Connection, tenant_id: int, payload: Payload, language: str
) -> dict[str, Any] | None:
    asked = {"tenant": tenant_id, "checkout": payload.get("checkoutId")}
    row = connection.execute(_CHECKOUT, asked).one_or_none()
    if row is None:
        return None
    amount = spoken_money(row.amount, row.currency, language)
    return {"amount": amount, "code": row.flag or "", "booking": row.uid, "title": row.title}


def _nearly_full(
    connection: Connection, tenant_id: int, payload: Payload, language: str
) -> dict[str, Any] | None:
    asked = {name: payload.get(name) for name in ("year", "month", "percent")}
    row = connection.execute(_NEARLY_FULL, {"tenant": tenant_id, **asked}).one_or_none()
    if row is None:
        return None
    return {"used": row.used, "allowed": row.allowed, "renews": spoken_date(row.renews, language)}


NOTICES: Mapping[str, Notice] = {
    "usage.warning": Notice("staff/usage_warning", _nearly_full),
    "refund.failed": Notice("staff/refund_failed", _failed_refund),
    "staff.invited": Notice("staff/invited", _invited),
    "domain.missing": Notice("staff/domain_missing", _domain),
    "domain.released": Notice("staff/domain_released", _domain),
    "immersio.paused": Notice("staff/immersio_paused", _paused_sync),
    "immersio.removals_held": Notice("staff/immersio_removals_held", _held_removals),
    "payment.flagged": Notice("staff/payment_flagged", _checkout),
    "payment.disputed": Notice("staff/payment_disputed", _checkout),
}
