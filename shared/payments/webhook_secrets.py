"""The signing secrets of a school's endpoint: current first, then the previous while both are valid.

Together they are one sealed text, one secret a line, in `Tenant.stripeWebhookSecret`.
"""

from collections.abc import Sequence

from shared.clients.sealing import Sealer

COLUMN = "stripeWebhookSecret"


def seal_webhook_secrets(sealer: Sealer, tenant_id: int, secrets: Sequence[str]) -> str:
    """The column's new value. ValueError when a secret is empty or holds white space."""
    if not secrets or any(not secret or len(secret.split()) != 1 for secret in secrets):
        raise ValueError("a secret is one word")
    return sealer.seal(tenant_id, COLUMN, "\n".join(secrets))


def open_webhook_secrets(sealer: Sealer, tenant_id: int, sealed: str) -> list[str]:
    """The secrets of which any may have signed. Raises SealBroken, Busy."""
    return sealer.open(tenant_id, COLUMN, sealed).split("\n")
