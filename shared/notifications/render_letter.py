"""Letters from templates.

`{name}.{language}.j2` says what is particular to a letter, block by block, and is written twice, into the
layouts `letter.txt.j2`, whose first line is the subject, and `letter.html.j2`; those to the staff that tell
of no single booking into `notice.txt.j2` and `notice.html.j2`.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from shared.notifications.envelope import Letter
from shared.notifications.spoken_time import DASH

LANGUAGES = ("en", "vi")

_BREAKABLE = {DASH, "-"}
_TEMPLATES = Path(__file__).parent / "templates"


def language_of(locale: str) -> str:
    """The language for a reader of `locale` (`vi`, `vi-VN`): English when we do not speak theirs."""
    language = locale[:2].lower()
    return language if language in LANGUAGES else "en"


def render_letter(name: str, language: str, words: Mapping[str, Any], layout: str = "letter") -> Letter:
    """The letter `name` in `language`; a template that asks for a word that is not given raises."""
    template = f"{name}.{language}.j2"
    told = {**words, "language": language}
    subject, _, text = _render(template, {**told, "layout": f"{layout}.txt.j2"}).partition("\n\n")
    return Letter(subject, text, _render(template, {**told, "layout": f"{layout}.html.j2"}))


def _render(template: str, words: Mapping[str, Any]) -> str:
    escapes = ".html." in words["layout"]
    return _environment(escapes=escapes).get_template(template).render(words)


@cache
def _environment(*, escapes: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=escapes,  # noqa: S701  # plain text has nothing to escape
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(joined=_joined, unbroken=_unbroken)
    return environment


def _joined(said: str) -> str:
    """On one line what templates say on several; markup stays such."""
    return type(said)(" ").join(said.split())


def _unbroken(time: str) -> Markup:
    """HTML in which `10:00` and `10:30` with a dash, or what a zone is off UTC, stays on one line."""
    span = Markup('<span style="white-space:nowrap">{}</span>')
    return Markup(" ").join(span.format(word) if _BREAKABLE & set(word) else word for word in time.split())
