"""Where an address that a school typed may lead: a public host of a known vendor, and nothing inside.

The name is checked when it is entered, the addresses behind it at every call, and the connection goes to
an address that was checked, so that a name which resolves differently the next moment gains nothing.
"""

import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Self
from urllib.parse import SplitResult, urlsplit

Resolve = Callable[[str, int], list[str]]

HTTPS_PORT = 443
LOOPBACK = "127.0.0.1"
# What is routed in IPv6 today; whatever wraps an IPv4 address (mapped, NAT64) lies outside of it.
GLOBAL_UNICAST = IPv6Network("2000::/3")

_HOST_NAME = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_VISIBLE_ASCII = re.compile(r"[!-~]{1,500}")


class AddressRefused(Exception):
    """The address may not be called; the message says which rule it breaks and never repeats it."""


class NameUnknown(Exception):
    """The name has no address at the moment."""


@dataclass(frozen=True)
class Destination:
    """A server by its name; `secure` means TLS."""

    host: str
    port: int
    secure: bool = True

    @property
    def authority(self) -> str:
        return self.host if self.secure else f"{self.host}:{self.port}"


def system_resolve(host: str, port: int) -> list[str]:
    """The addresses of a name. Raises NameUnknown."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NameUnknown from error
    return [str(address[0]) for *_, address in found]


@dataclass(frozen=True)
class HostRule:
    """Which hosts may be called: names under these suffixes, and loopback only for a run on one machine."""

    suffixes: tuple[str, ...]
    allow_loopback: bool = False
    resolve: Resolve = system_resolve

    @classmethod
    def of(cls, suffixes: str, *, allow_loopback: bool = False) -> Self:
        """`suffixes` are separated by commas: `.immersio.com` allows every name below immersio.com."""
        labels = (suffix.strip().strip(".").lower() for suffix in suffixes.split(","))
        return cls(tuple(f".{label}" for label in labels if label), allow_loopback)


def destination_of(url: str, rule: HostRule) -> Destination:
    """The server that `url` names, before it is resolved. Raises AddressRefused."""
    parts = _parts(url)
    if rule.allow_loopback and parts.scheme == "http" and parts.hostname == LOOPBACK and parts.port:
        return Destination(LOOPBACK, parts.port, secure=False)
    if parts.scheme != "https":
        raise AddressRefused("must begin with https://")
    if parts.port not in (None, HTTPS_PORT):
        raise AddressRefused("must be on port 443")
    host = parts.hostname or ""
    if not _HOST_NAME.fullmatch(host) or not host.endswith(rule.suffixes):
        raise AddressRefused("must be a host name of the vendor")
    return Destination(host, HTTPS_PORT)


def public_addresses(destination: Destination, rule: HostRule) -> list[str]:
    """The addresses to connect to. Raises AddressRefused when any of them is not public, NameUnknown."""
    if not destination.secure:
        return [destination.host]
    addresses = rule.resolve(destination.host, destination.port)
    if not addresses:
        raise NameUnknown
    if not all(map(is_public, addresses)):
        raise AddressRefused("must lead to public addresses only")
    return list(dict.fromkeys(addresses))


def is_public(text: str) -> bool:
    """Whether an address is one of the open internet, and names nothing else inside itself."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return address.is_global and not address.is_multicast and not _wraps_another(address)


def _wraps_another(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return False
    return address not in GLOBAL_UNICAST or address.sixtofour is not None or address.teredo is not None


def _parts(url: str) -> SplitResult:
    if not _VISIBLE_ASCII.fullmatch(url) or "\\" in url:
        raise AddressRefused("must be a plain address of visible ASCII characters")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise AddressRefused("must be an address that can be read") from None
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise AddressRefused("must not hold a user or a password")
    if parts.path not in ("", "/") or "?" in url or "#" in url:
        raise AddressRefused("must end after the host")
    return parts
