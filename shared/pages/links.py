"""The addresses that a school may show: https, a public name, and for its profiles the site they are of."""

import re
from typing import Any
from urllib.parse import SplitResult, urlsplit

LONGEST = 2_000
# A name of several labels whose last is no number, so that no address of a machine is one.
_PUBLIC_NAME = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]", re.ASCII)
_PLAIN = re.compile(r"[!#-&(-;=?-\[\]_a-z~]+", re.ASCII)

# The order in which they are shown.
SITES = {
    "facebook": ("facebook.com", "fb.com"),
    "instagram": ("instagram.com",),
    "youtube": ("youtube.com", "youtu.be"),
    "tiktok": ("tiktok.com",),
}
NAMES = {"facebook": "Facebook", "instagram": "Instagram", "youtube": "YouTube", "tiktok": "TikTok"}


def image_url(said: Any) -> str | None:
    """The address of a picture, or None for whatever must not stand in a page or in its policy."""
    return None if _checked(said) is None else str(said)


def origin_of(url: str) -> str:
    """`https://host` of an address that was checked, for Content-Security-Policy."""
    return f"https://{urlsplit(url).hostname}"


def social_links(said: Any) -> list[tuple[str, str]]:
    """Names of sites and the school's addresses there, where they are that site's."""
    asked = said if isinstance(said, dict) else {}
    return [(NAMES[site], str(asked[site])) for site in SITES if _is_of(site, asked.get(site))]


def _is_of(site: str, said: Any) -> bool:
    parts = _checked(said)
    host = parts.hostname or "" if parts else ""
    return any(host == name or host.endswith(f".{name}") for name in SITES[site])


def _checked(said: Any) -> SplitResult | None:
    if not isinstance(said, str) or len(said) > LONGEST or not _PLAIN.fullmatch(said.lower()):
        return None
    try:
        parts = urlsplit(said)
        is_plain = parts.port is None and parts.username is None and parts.password is None
    except ValueError:
        return None
    is_public = _PUBLIC_NAME.fullmatch(parts.hostname or "") is not None
    return parts if parts.scheme == "https" and is_plain and is_public else None
