"""Addresses that a landing page may show: https, of hosts that somebody vouches for."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

# What browsers read in other ways than Python does is left out altogether.
_PLAIN = re.compile(r"https://[A-Za-z0-9.-]+(:443)?(/[!#$%&'()*+,./0-9:;=?@A-Z_a-z~-]*)?", re.ASCII)

# The networks that a page may lead to, and their hosts.
LINKS = {
    "facebook": ("facebook.com", ".facebook.com", "fb.me"),
    "instagram": ("instagram.com", ".instagram.com"),
    "youtube": ("youtube.com", ".youtube.com", "youtu.be"),
    "tiktok": ("tiktok.com", ".tiktok.com"),
}


def https_url(url: str) -> str:
    """The address itself. ValueError for anything but plain https without a user."""
    if not _PLAIN.fullmatch(url):
        raise ValueError("must be an https address")
    return url


def is_of(url: str, hosts: Iterable[str]) -> bool:
    """Whether the host is one of these; `.example.com` stands for all below it."""
    host = (urlsplit(url).hostname or "").lower()
    return any(host == each or (each.startswith(".") and host.endswith(each)) for each in hosts)
