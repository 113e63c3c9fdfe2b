"""The school's access to its Immersio."""

from typing import Any

from sqlalchemy import Row

from shared.clients.immersio import HttpImmersio
from shared.clients.public_hosts import HostRule
from shared.clients.sealing import Sealer


def open_account(tenant_id: int, account: Row[Any], sealer: Sealer, hosts: HostRule) -> HttpImmersio:
    """The client for a row of `find_account`. Raises what `Sealer.open` raises."""
    return HttpImmersio(
        account.url,
        sealer.open(tenant_id, "immersioApiKey", account.sealed_key),
        sealer.open(tenant_id, "immersioApiSecret", account.sealed_secret),
        hosts,
    )
