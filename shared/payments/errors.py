"""What may be wrong with what Stripe, or somebody in its name, tells us."""

from shared.errors import Problem


class WebhookEndpointNotFound(Problem):
    status, code, title = 404, "webhook_endpoint_not_found", "No school listens at this address"


class SignatureInvalid(Problem):
    """One code for every reason: who cannot sign is not told what was wrong."""

    status, code, title = 400, "signature_invalid", "The request is not signed by Stripe for this address"


class EventUnreadable(Problem):
    status, code, title = 400, "event_unreadable", "The body is not an event of Stripe"
