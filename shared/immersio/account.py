"""The school's access to its Immersio."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, Row

from shared.clients.immersio import HttpImmersio, Immersio
from shared.clients.public_hosts import HostRule
from shared.clients.sealing import Sealer
from shared.immersio.gate import GatedImmersio, Timing, host_of

# Makes the client from the row of `find_account`.
ImmersioOf = Callable[[Row[Any]], Immersio]


def open_account(tenant_id: int, account: Row[Any], sealer: Sealer, hosts: HostRule) -> HttpImmersio:
    """The client for a row of `find_account`. Raises what `Sealer.open` raises."""
    return HttpImmersio(
        account.url,
        sealer.open(tenant_id, "immersioApiKey", account.sealed_key),
        sealer.open(tenant_id, "immersioApiSecret", account.sealed_secret),
        hosts,
    )


def gated(
    database: Engine, tenant_id: int, account: Row[Any], immersio_of: ImmersioOf, timing: Timing
) -> Immersio:
    """The client behind the school's gate."""
    return GatedImmersio(database, tenant_id, host_of(account.url), immersio_of(account), timing)
