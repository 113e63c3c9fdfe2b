"""The checkout of a booking, with what Stripe is told of it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, text

from shared.clients.stripe_errors import PaymentsNotSetUp
from shared.payments.stripe_access import SealedAccess
from shared.tenant_scope import CURRENT_TENANT

_FIND = text(f"""
    SELECT c.id, c.status, c.amount, c.currency, c.url, c."holdUntil" AT TIME ZONE 'UTC' AS hold_until,
           c."expiresAt" AT TIME ZONE 'UTC' AS expires_at, b.uid, b.status::text AS booking_status,
           (SELECT count(*) FROM "Payment" s WHERE s."checkoutId" = c.id AND s."tenantId" = t.id) AS seats,
           coalesce(e.title, b.title) AS title, a.email, a.locale,
           coalesce(NULLIF(t."customDomain", ''), t.subdomain) AS host,
           NULLIF(t."customDomain", '') IS NOT NULL AS has_domain,
           t.id AS tenant_id, t."stripeSecretKeyEncrypted" AS sealed_key, c."stripeAccountId" AS account,
           c.livemode, t."stripeLivemode" AS livemode_now
    FROM "Tenant" t
    JOIN "Booking" b ON b.uid = :uid AND b."tenantId" = t.id
    JOIN "Payment" p ON p."bookingId" = b.id AND p."tenantId" = t.id
    JOIN "Checkout" c ON c.id = p."checkoutId" AND c."tenantId" = t.id
    JOIN "Attendee" a ON a."bookingId" = b.id AND a."tenantId" = t.id
    LEFT JOIN "EventType" e ON e.id = b."eventTypeId" AND e."tenantId" = t.id
    WHERE t.id = {CURRENT_TENANT} ORDER BY a.id LIMIT 1
""")  # noqa: S608  # only the constant above is put in


@dataclass(frozen=True, slots=True)
class FoundCheckout:
    """`host` is the school's subdomain, or its own domain when it `has_domain`."""

    id: UUID
    status: str
    amount: int
    currency: str
    url: str | None
    hold_until: datetime
    expires_at: datetime
    uid: str
    booking_status: str
    seats: int
    title: str
    email: str
    locale: str | None
    host: str
    has_domain: bool
    access: SealedAccess


def find_checkout(connection: Connection, uid: str) -> FoundCheckout | None:
    """None when the booking costs nothing. Raises PaymentsNotSetUp when the keys are of another mode now."""
    row = connection.execute(_FIND, {"uid": uid}).one_or_none()
    if row is None:
        return None
    if row.sealed_key is None or row.livemode_now != row.livemode:
        raise PaymentsNotSetUp(reason="no_key")
    told = {name: getattr(row, name) for name in FoundCheckout.__slots__ if name != "access"}
    return FoundCheckout(
        **told, access=SealedAccess(row.tenant_id, row.sealed_key, row.account, row.livemode)
    )
