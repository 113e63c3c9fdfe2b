"""The address at which a vendor tells a school something: an id that nobody guesses. Loads no SQLAlchemy."""

import re
from typing import Literal

from shared.one_flush import Statement
from shared.payments.errors import WebhookEndpointNotFound
from shared.tenant_scope import opening

Provider = Literal["STRIPE", "IMMERSIO"]

_ENDPOINT_ID = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)


def of_endpoint(endpoint_id: str, provider: Provider) -> Statement:
    """Opens a transaction that sees the rows of the school that listens there, or none.

    Raises WebhookEndpointNotFound for what cannot be an id of ours.
    """
    if not _ENDPOINT_ID.fullmatch(endpoint_id):
        raise WebhookEndpointNotFound
    return opening(f"tenant_id_of_endpoint($1, '{provider}')", endpoint_id)
