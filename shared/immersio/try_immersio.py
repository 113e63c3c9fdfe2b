"""Asking Immersio whether the address and the keys are good."""

from shared.clients.immersio import HttpImmersio
from shared.clients.immersio_errors import ImmersioFailed
from shared.clients.public_hosts import HostRule
from shared.clients.sealing import Sealer
from shared.immersio.errors import ImmersioNotSetUp, ImmersioRefused, ImmersioUnavailable
from shared.immersio.immersio_settings import KEY, SECRET, ImmersioSettings
from shared.immersio.settings_schemas import ImmersioConnection


def try_immersio(settings: ImmersioSettings, sealer: Sealer, hosts: HostRule) -> ImmersioConnection:
    """Not to be called in a transaction. Raises ImmersioNotSetUp, ImmersioRefused, ImmersioUnavailable."""
    if not (settings.url and settings.key and settings.secret):
        raise ImmersioNotSetUp
    tenant = settings.tenant_id
    client = HttpImmersio(
        settings.url,
        sealer.open(tenant, KEY, settings.key),
        sealer.open(tenant, SECRET, settings.secret),
        hosts,
    )
    try:
        client.ping()
    except ImmersioFailed as failure:
        problem = ImmersioUnavailable if failure.retryable else ImmersioRefused
        raise problem(reason=failure.code) from None
    return ImmersioConnection()
