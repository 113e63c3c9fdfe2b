"""The pages as HTML: Jinja2, everything escaped by its context."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.notifications.spoken_time import spoken_span
from shared.pages.assets import THEME, version
from shared.pages.colours import Colours, colours_of
from shared.pages.find_school import School
from shared.pages.languages import Language
from shared.pages.theme import theme_query
from shared.pages.words import WORDS

TEMPLATES = Path(__file__).with_name("templates")
OTHER: Mapping[Language, Language] = {"en": "vi", "vi": "en"}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: `chose` when the address names the language, which its links then name too."""

    language: Language
    chose: bool
    path: str


def render_page(name: str, reader: Reader, school: School | None, origin: str = "", **told: Any) -> str:
    """The HTML of the template `name`; `origin` is where the school is reached, as https://host."""
    colours = school.landing.colours if school else colours_of(None, None)
    return (
        _environment()
        .get_template(f"{name}.html.j2")
        .render(
            school=school,
            origin=origin,
            reader=reader,
            other=OTHER[reader.language],
            w=WORDS[reader.language],
            asset=_asset_url,
            theme=_theme_url(colours),
            icon=_asset_url("icon.svg", colours),
            to=lambda path: _with_language(path, reader),
            **told,
        )
    )


def _asset_url(name: str, colours: Colours | None = None) -> str:
    in_colours = f"&{theme_query(colours)}" if colours else ""
    return f"/assets/{name}?v={version()}{in_colours}"


def _theme_url(colours: Colours) -> str:
    return _asset_url(THEME, colours)


def _with_language(path: str, reader: Reader) -> str:
    if not reader.chose:
        return path
    return f"{path}{'&' if '?' in path else '?'}lang={reader.language}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals["spoken_span"] = spoken_span
    environment.filters["initials"] = _initials
    environment.filters["paragraphs"] = _paragraphs
    return environment


def _initials(name: str) -> str:
    """`Tess Teacher` → `TT`."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\r", "").split("\n\n") if part.strip()]
