"""What Stripe, or the way to it, may answer instead of data."""

from shared.errors import Problem


class PaymentsNotSetUp(Problem):
    """`reason` is `no_key` or `key_refused`; the school's admin has to see to it."""

    status, code, title = 409, "payments_not_set_up", "The school cannot take payments at the moment"


class PaymentsUnavailable(Problem):
    """Whether Stripe has done what it was asked is not known; the same request may be sent again."""

    status, code, title = 503, "payments_unavailable", "The payment service does not answer; try again"
    retry_after = 5


class PaymentRefused(Problem):
    """Stripe will not do what it was asked, whoever asks again. `stripeCode` is its own word for why."""

    status, code, title = 409, "payment_refused", "The payment service refuses this"


class StripeObjectMissing(Exception):
    """The account that the key belongs to has no such object."""
