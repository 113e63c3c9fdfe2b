"""What may be wrong with what Stripe, or somebody in its name, tells us."""

from shared.errors import Problem


class WebhookEndpointNotFound(Problem):
    status, code, title = 404, "webhook_endpoint_not_found", "No school listens at this address"


class SignatureInvalid(Problem):
    """One code for every reason: who cannot sign is not told what was wrong."""

    status, code, title = 400, "signature_invalid", "The request is not signed by Stripe for this address"


class EventUnreadable(Problem):
    status, code, title = 400, "event_unreadable", "The body is not an event of Stripe"


class NothingToRefund(Problem):
    """Also of a payment that was made before this service took payments: that is given back at Stripe."""

    status, code, title = 409, "nothing_to_refund", "Nothing was paid here that could be given back"


class RefundTooLarge(Problem):
    """`left` is how much of the payment could still be given back, in minor units."""

    status, code, title = 409, "refund_too_large", "Not as much is left of the payment"


class PaymentDisputed(Problem):
    status, code, title = 409, "payment_disputed", "The payer's bank decides about this payment"
