"""What the pages load beside themselves: stylesheets, scripts, the icon. Nothing comes from elsewhere."""

import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from shared.errors import NotFound
from shared.pages.colours import Colours
from shared.pages.theme import theme_css

FOLDER = Path(__file__).with_name("assets")
PREVIEWS = Path(__file__).with_name("previews")
THEME, ICON = "theme.css", "icon.svg"
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
# A module names its neighbours, who have the same version as itself.
_NEIGHBOUR = re.compile(r'(?<=from "\./)([\w-]+\.js)(?=")')


@dataclass(frozen=True, slots=True)
class Asset:
    kind: str
    body: str


def asset(name: str, colours: Colours) -> Asset:
    """The file; the theme and the icon in the given colours. Raises NotFound."""
    if name == THEME:
        return Asset(KINDS[".css"], theme_css(colours))
    if name not in _files():
        raise NotFound
    body = _files()[name]
    if name == ICON:
        body = body.replace("#3b82f6", colours.primary)
    elif name.endswith(".js"):
        body = _NEIGHBOUR.sub(rf"\1?v={version()}", body)
    return Asset(KINDS[Path(name).suffix], body)


def preview(name: str) -> bytes:
    """The picture of a design, as "LandingTemplate" names them. Raises NotFound."""
    found = {path.name: path for path in PREVIEWS.glob("*.jpg")}
    if name not in found:
        raise NotFound
    return found[name].read_bytes()


@cache
def version() -> str:
    """Changes with any of the files, and with how the theme is made of colours."""
    told = "\0".join(f"{name}\0{body}" for name, body in sorted(_files().items()))
    rules = Path(__file__).with_name("theme.py").read_text(encoding="utf-8")
    return sha256(f"{told}\0{rules}".encode()).hexdigest()[:12]


@cache
def _files() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir() if path.suffix in KINDS}
