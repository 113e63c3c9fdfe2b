"""The addresses that a page may show, by the rules they are entered by: rows may be older than the rules."""

from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from shared.landing.urls import LINKS, https_url, is_of

LONGEST = 2_000
NAMES = {"facebook": "Facebook", "instagram": "Instagram", "youtube": "YouTube", "tiktok": "TikTok"}


def image_url(said: Any, hosts: Collection[str]) -> str | None:
    """The address of a picture at one of the hosts; None for what must stand in no page and no policy."""
    return _checked(said, hosts)


def origin_of(url: str) -> str:
    """`https://host` of an address that was checked, for Content-Security-Policy."""
    return f"https://{urlsplit(url).hostname}"


def social_links(said: Any) -> list[tuple[str, str]]:
    """Names of networks and the school's addresses there, where they are that network's."""
    asked = said if isinstance(said, dict) else {}
    found = [(NAMES[network], _checked(asked.get(network), hosts)) for network, hosts in LINKS.items()]
    return [(name, url) for name, url in found if url is not None]


def _checked(said: Any, hosts: Collection[str]) -> str | None:
    if not isinstance(said, str) or len(said) > LONGEST:
        return None
    try:
        return said if is_of(https_url(said), hosts) else None
    except ValueError:
        return None
