"""Whether a school's keys work, by Stripe's own word."""

from shared.payments.settings_schemas import StripeConnection, mode_of
from shared.payments.stripe_access import SealedAccess, StripeDoor


def try_stripe(door: StripeDoor, access: SealedAccess) -> StripeConnection:
    """What account they open. Raises PaymentsNotSetUp, PaymentsUnavailable, PaymentRefused, SealBroken."""
    with door.open(access) as stripe:
        found = stripe.account()
    return StripeConnection(
        account_id=found.id,
        charges_enabled=found.charges_enabled,
        country=found.country,
        currency=found.currency,
        mode=mode_of(livemode=access.livemode),
    )
