"""What may go wrong between an admin and Immersio."""

from shared.errors import Problem


class ImmersioNotSetUp(Problem):
    status, code, title = 409, "immersio_not_set_up", "The sync is not set up, turned off or paused"


class ImmersioRefused(Problem):
    """`reason` is Immersio's code, or ours for an address that may not be called."""

    status, code, title = 422, "immersio_refused", "Immersio does not take the address or the keys"


class ImmersioUnavailable(Problem):
    status, code, title = 503, "immersio_unavailable", "Immersio does not answer as it should"
    retry_after = 30


class HintUnsigned(Problem):
    status, code, title = 400, "signature_invalid", "The signature is not of this message, or too old"
