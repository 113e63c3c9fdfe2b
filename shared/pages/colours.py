"""A school's two colours, and what can be read on them: contrast as WCAG 2.2 counts it."""

import re
from dataclasses import dataclass
from typing import Any

_HEX = re.compile(r"#[0-9A-Fa-f]{6}", re.ASCII)

DEFAULT = "#3b82f6"
WHITE, BLACK = "#ffffff", "#000000"
# Of normal text, level AA.
ENOUGH = 4.5

_Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Colours:
    """`#rrggbb` each; the second is made from the first where the school names none."""

    primary: str
    secondary: str


def colours_of(primary: Any, secondary: Any) -> Colours:
    """What matches; the default for what does not, whoever wrote it."""
    first = checked_colour(primary) or DEFAULT
    return Colours(first, checked_colour(secondary) or mixed(first, BLACK, 0.55))


def checked_colour(said: Any) -> str | None:
    return said.lower() if isinstance(said, str) and _HEX.fullmatch(said) else None


def contrast(one: str, other: str) -> float:
    """From 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable_on(background: str) -> str:
    """White or black, whichever is read better; one of them always has a contrast of at least 4.58."""
    return max((WHITE, BLACK), key=lambda text: contrast(text, background))


def darkened_for(colour: str, *backgrounds: str) -> str:
    """The colour, darker by as much as it takes to be read on each of the (light) backgrounds."""
    shades = (mixed(colour, BLACK, step / 20) for step in range(21))
    return next(shade for shade in shades if all(contrast(shade, each) >= ENOUGH for each in backgrounds))


def mixed(one: str, other: str, part: float) -> str:
    """`part` of the other, the rest of the one."""
    pairs = zip(_rgb(one), _rgb(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)


def _rgb(colour: str) -> _Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return float(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
