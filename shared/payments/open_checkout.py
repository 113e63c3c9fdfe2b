"""Somebody who has booked is given a page to pay on: a Checkout Session of the school's, once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Engine, text

from shared.bookings.errors import BookingNotActive
from shared.bookings.schemas import CheckoutView
from shared.clients.stripe import Sale, SessionFacts, Stripe
from shared.clients.stripe_errors import PaymentRefused, PaymentsNotSetUp, StripeObjectMissing
from shared.database import in_tenant
from shared.one_flush import Statement
from shared.payments.find_checkout import FoundCheckout, find_checkout
from shared.payments.stripe_access import StripeDoor
from shared.payments.undo_hold import undo_hold

# Of the languages that our own pages have; Stripe's page follows the browser in all others.
_LANGUAGES = ("en", "vi")

# A hold that was closed meanwhile takes no page any more: nobody would look whether it was paid.
_KEEP = text("""
    UPDATE "Checkout" SET status = 'OPEN', "sessionId" = :session, url = :url,
           "lookAt" = LEAST("holdUntil", CAST(:now AS timestamptz) AT TIME ZONE 'UTC' + interval '3 minutes'),
           "updatedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
    WHERE id = :checkout AND status IN ('NEW', 'OPEN') AND coalesce("sessionId", :session) = :session
""")


@dataclass(frozen=True, slots=True)
class Cashier:
    """What opens checkouts: the database, the way to Stripe, and where a school's host is reached."""

    database: Engine
    door: StripeDoor
    base_domain: str
    url_of: Callable[[str], str]


def open_checkout(cashier: Cashier, opening: Statement, uid: str, now: datetime) -> CheckoutView | None:
    """The page of a booking that was just made, the same one when asked again; None when it costs nothing.

    No transaction is open while Stripe is asked. Raises BookingNotActive when the time to pay has run out,
    PaymentsUnavailable, after which the same may be asked again, and PaymentsNotSetUp or PaymentRefused,
    after which the booking was never made.
    """
    found = in_tenant(cashier.database, opening, lambda c: find_checkout(c, uid))
    if found is None or found.booking_status == "accepted":
        return None
    if found.url is None:
        _refuse_what_has_run_out(found, now)
        found_url = _opened(cashier, opening, found, now)
    else:
        found_url = found.url
    return CheckoutView(checkout_url=found_url, expires_at=found.hold_until)


def _refuse_what_has_run_out(found: FoundCheckout, now: datetime) -> None:
    if found.booking_status != "pending" or found.status != "NEW" or found.hold_until <= now:
        raise BookingNotActive("The time to pay has run out", bookingStatus=found.booking_status)


def _opened(cashier: Cashier, opening: Statement, found: FoundCheckout, now: datetime) -> str:
    with cashier.door.open(found.access) as stripe:
        session = _session(cashier, opening, found, stripe)
        if session.url is None or not in_tenant(
            cashier.database, opening, lambda c: _keep(c, found.id, session, now)
        ):
            stripe.expire_session(session.id)
            raise BookingNotActive("The time to pay has run out", bookingStatus="cancelled")
    return session.url


def _session(cashier: Cashier, opening: Statement, found: FoundCheckout, stripe: Stripe) -> SessionFacts:
    try:
        return stripe.create_session(_sale(cashier, found), str(found.id))
    except (PaymentsNotSetUp, PaymentRefused, StripeObjectMissing) as error:
        in_tenant(cashier.database, opening, lambda c: undo_hold(c, found.id))
        raise (PaymentRefused() if isinstance(error, StripeObjectMissing) else error) from None


def _keep(connection: Connection, checkout: UUID, session: SessionFacts, now: datetime) -> bool:
    asked = {"checkout": checkout, "session": session.id, "url": session.url, "now": now}
    return connection.execute(_KEEP, asked).rowcount == 1


def _sale(cashier: Cashier, found: FoundCheckout) -> Sale:
    host = found.host if found.has_domain else f"{found.host}.{cashier.base_domain}"
    # The token is in the mail; Stripe and whoever reads along there have no need of it.
    page = f"{cashier.url_of(host)}/bookings/{found.uid}"
    return Sale(
        amount=found.amount,
        seats=found.seats,
        currency=found.currency,
        title=found.title,
        email=found.email,
        locale=found.locale if found.locale in _LANGUAGES else "auto",
        success_url=f"{page}?paid=1",
        cancel_url=page,
        expires_at=found.expires_at,
        metadata={"checkout": str(found.id), "tenant": str(found.access.tenant_id), "booking": found.uid},
    )
