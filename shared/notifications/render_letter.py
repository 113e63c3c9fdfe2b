"""Letters from templates: `{name}.{language}.txt.j2`, whose first line is the subject, and `….html.j2`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from shared.notifications.envelope import Letter

LANGUAGES = ("en", "vi")

_TEMPLATES = Path(__file__).parent / "templates"


def language_of(locale: str) -> str:
    """The language for a reader of `locale` (`vi`, `vi-VN`): English when we do not speak theirs."""
    language = locale[:2].lower()
    return language if language in LANGUAGES else "en"


def render_letter(name: str, language: str, words: Mapping[str, Any]) -> Letter:
    """The letter `name` in `language`; a template that asks for a word that is not given raises."""
    given = {**words, "language": language}
    subject, _, text = _render(f"{name}.{language}.txt.j2", given).partition("\n\n")
    return Letter(subject, text, _render(f"{name}.{language}.html.j2", given))


def _render(template: str, words: Mapping[str, Any]) -> str:
    return _environment().get_template(template).render(words)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
