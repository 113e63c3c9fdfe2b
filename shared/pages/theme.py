"""The stylesheet of a school's colours: custom properties that the other stylesheets use."""

from collections.abc import Mapping
from urllib.parse import urlencode

from shared.pages.colours import (
    BLACK,
    WHITE,
    Colours,
    colours_of,
    darkened_for,
    mixed,
    readable_on,
)

# Of the grounds that the designs have; theme and stylesheets are tested together.
DARKEST_PAPER = "#f3eadb"


def theme_query(colours: Colours) -> str:
    """The colours as the query of the stylesheet's address; a page with other colours names another."""
    return urlencode({"primary": colours.primary[1:], "secondary": colours.secondary[1:]})


def theme_of(query: Mapping[str, str]) -> Colours:
    """The colours that the address names; the default where they are none."""
    return colours_of(f"#{query.get('primary', '')}", f"#{query.get('secondary', '')}")


def theme_css(colours: Colours) -> str:
    """Every text that the stylesheets put on one of these has a contrast of at least 4.5."""
    properties = {**_shades("brand", colours.primary), **_shades("accent", colours.secondary)}
    lines = "".join(f"  --{name}: {value};\n" for name, value in properties.items())
    return f":root {{\n{lines}}}\n"


def _shades(name: str, colour: str) -> dict[str, str]:
    """The colour, tints of it, and the texts on them; `ink` is read on white, both tints and any paper."""
    tint, wash, deep = mixed(WHITE, colour, 0.08), mixed(WHITE, colour, 0.16), mixed(colour, BLACK, 0.6)
    return {
        name: colour,
        f"on-{name}": readable_on(colour),
        f"{name}-ink": darkened_for(colour, wash, DARKEST_PAPER),
        f"{name}-tint": tint,
        f"{name}-wash": wash,
        f"{name}-deep": deep,
        f"on-{name}-deep": readable_on(deep),
    }
