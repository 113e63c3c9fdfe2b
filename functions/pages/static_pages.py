"""What is the same for every school, or made of the address alone."""

from base64 import b64encode
from collections.abc import Mapping

from shared.edge.pages import Page
from shared.pages.assets import ICON, asset, preview, version
from shared.pages.colours import colours_of
from shared.pages.theme import theme_of

# An address with the version of its content never means another one.
_FOR_EVER, _ASK_AGAIN = "public, max-age=31536000, immutable", "no-cache"


def static(name: str, query: Mapping[str, str]) -> Page:
    """A file. Raises NotFound."""
    found = asset(name, theme_of(query))
    kept = _FOR_EVER if query.get("v") == version() else _ASK_AGAIN
    return Page(found.body, found.kind, kept=kept)


def picture(name: str) -> Page:
    """What a design looks like, for whoever chooses one. Raises NotFound."""
    body = b64encode(preview(name)).decode()
    return Page(body, "image/jpeg", kept="public, max-age=86400", is_binary=True)


def robots() -> Page:
    """What must not be found says so itself: who may not read it would not know."""
    return Page("User-agent: *\nDisallow: /v1/\n", "text/plain; charset=utf-8", kept="public, max-age=3600")


def icon() -> Page:
    """For browsers that ask before they have read a page."""
    found = asset(ICON, colours_of(None, None))
    return Page(found.body, found.kind, kept="public, max-age=3600")
