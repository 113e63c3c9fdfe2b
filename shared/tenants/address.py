"""Which school a request is for: by the host, or on the API's own host by the header X-Tenant."""

import re
from dataclasses import dataclass

from shared.one_flush import Statement
from shared.tenant_scope import opening
from shared.tenants.subdomain import LABEL

_LONGEST_HOST = 253
_OF_API_GATEWAY = re.compile(r"[a-z0-9]+\.execute-api\.[a-z0-9-]+\.amazonaws\.com(\.cn)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class TenantAddress:
    """A subdomain's label or a custom domain; both None when the request names no school at all."""

    label: str | None = None
    domain: str | None = None

    def opening(self) -> Statement:
        """Opens a transaction that sees the school's rows only, and none where there is no such school."""
        return opening("tenant_id_of_host($1, $2)", self.label, self.domain)


def tenant_address(
    host: str, header: str | None, *, base_domain: str, own_hosts: frozenset[str]
) -> TenantAddress:
    """The address a request is for. A header counts only where no school lives."""
    host = host.lower().rstrip(".")
    base = base_domain.lower()
    # Without a custom domain, API Gateway answers on a host of its own.
    if host in own_hosts or host == base or _OF_API_GATEWAY.fullmatch(host):
        return TenantAddress(label=_label(header))
    if host.endswith("." + base):
        return TenantAddress(label=_label(host.removesuffix("." + base)))
    return TenantAddress(domain=host if len(host) <= _LONGEST_HOST else None)


def _label(name: str | None) -> str | None:
    name = (name or "").lower()
    return name if LABEL.fullmatch(name) else None
