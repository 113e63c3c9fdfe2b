"""How a checkout stands at Stripe, asked with the school's own key and never within a transaction."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, text

from shared.clients.stripe import RefundFacts, SessionFacts, Stripe
from shared.clients.stripe_errors import PaymentRefused, PaymentsNotSetUp
from shared.payments.stripe_access import SealedAccess

_LOAD = text("""
    SELECT c.status, c."sessionId" AS session_id, c.livemode, c."stripeAccountId" AS account,
           c."holdUntil" AT TIME ZONE 'UTC' AS hold_until, c."expiresAt" AT TIME ZONE 'UTC' AS expires_at,
           t."stripeSecretKeyEncrypted" AS sealed_key, t."stripeLivemode" AS livemode_now,
           EXISTS (SELECT FROM "Payment" p JOIN "Booking" b ON b.id = p."bookingId"
                       AND b."tenantId" = c."tenantId" AND b.status = 'pending'
                   WHERE p."checkoutId" = c.id AND p."tenantId" = c."tenantId") AS is_wanted
    FROM "Checkout" c JOIN "Tenant" t ON t.id = c."tenantId"
    WHERE c.id = :checkout AND c."tenantId" = :tenant
""")


@dataclass(frozen=True, slots=True)
class KnownCheckout:
    """What we know before we ask; `is_wanted`: a booking waits for the money."""

    tenant_id: int
    status: str
    session_id: str | None
    livemode: bool
    account: str | None
    hold_until: datetime
    expires_at: datetime
    sealed_key: str | None
    livemode_now: bool | None
    is_wanted: bool

    def access(self) -> SealedAccess:
        """Raises PaymentsNotSetUp when the school has no keys that see this money."""
        if self.sealed_key is None or self.livemode_now != self.livemode:
            raise PaymentsNotSetUp(reason="no_key")
        return SealedAccess(self.tenant_id, self.sealed_key, self.account, self.livemode)

    def is_over(self, now: datetime) -> bool:
        """Nobody may pay it any more."""
        return self.hold_until <= now or not self.is_wanted


@dataclass(frozen=True, slots=True)
class CheckoutFacts:
    """The session as it stands and all refunds of its payment."""

    session: SessionFacts
    refunds: list[RefundFacts] = field(default_factory=list)


def load_known(connection: Connection, tenant_id: int, checkout_id: UUID) -> KnownCheckout | None:
    row = connection.execute(_LOAD, {"checkout": checkout_id, "tenant": tenant_id}).one_or_none()
    return None if row is None else KnownCheckout(tenant_id, **row._mapping)


def ask_stripe(stripe: Stripe, session_id: str, *, close: bool) -> CheckoutFacts:
    """The facts; an open session is closed first when it is to `close`, so that nobody pays after that.

    Raises what `Stripe` raises.
    """
    session = stripe.session(session_id)
    if close and session.status == "open":
        session = _closed(stripe, session_id)
    paid = session.payment_status == "paid" and session.intent_id is not None
    return CheckoutFacts(session, stripe.refunds(session.intent_id) if paid and session.intent_id else [])


def _closed(stripe: Stripe, session_id: str) -> SessionFacts:
    """Whoever has paid in the same moment was faster, and the second look tells."""
    with suppress(PaymentRefused):
        stripe.expire_session(session_id)
    return stripe.session(session_id)
