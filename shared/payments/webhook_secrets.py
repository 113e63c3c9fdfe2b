"""The signing secrets of a school's endpoint: current first, then the previous while both are valid.

Together they are one sealed text in `Tenant.stripeWebhookSecret`, one secret a line, with the epoch second
at which it ends when it is a previous one.
"""

from collections.abc import Sequence
from datetime import datetime

from shared.clients.sealing import Sealer

COLUMN = "stripeWebhookSecret"


def seal_webhook_secrets(
    sealer: Sealer, tenant_id: int, secrets: Sequence[str], previous_until: datetime | None = None
) -> str:
    """The column's new value. ValueError when a secret is empty or holds white space."""
    if not secrets or any(not secret or len(secret.split()) != 1 for secret in secrets):
        raise ValueError("a secret is one word")
    current, *previous = secrets
    ending = f" {int(previous_until.timestamp())}" if previous_until else ""
    return sealer.seal(tenant_id, COLUMN, "\n".join([current, *(f"{one}{ending}" for one in previous)]))


def open_webhook_secrets(sealer: Sealer, tenant_id: int, sealed: str, now: datetime) -> list[str]:
    """The secrets of which any may have signed at `now`. Raises SealBroken, Busy."""
    lines = [line.partition(" ") for line in sealer.open(tenant_id, COLUMN, sealed).split("\n")]
    return [secret for secret, _, until in lines if not until or now.timestamp() < int(until)]
