"""In which of the two languages a page is told."""

from collections.abc import Iterator
from typing import Any, Literal

Language = Literal["en", "vi"]
LANGUAGES: tuple[Language, ...] = ("en", "vi")
_MOST_ACCEPTED = 20


def language_of(asked: str | None, accepted: str | None, of_school: Any) -> Language:
    """What the address asks for, else what the browser prefers, else the school's own, else English.

    `accepted` is the header Accept-Language; `of_school` is the school's locale, whatever was stored.
    """
    own = of_school if isinstance(of_school, str) else ""
    for wanted in (asked or "", *_by_preference(accepted or ""), own):
        for language in LANGUAGES:
            if wanted.lower().partition("-")[0] == language:
                return language
    return "en"


def _by_preference(accepted: str) -> Iterator[str]:
    ranges = [part.partition(";") for part in accepted.split(",")[:_MOST_ACCEPTED]]
    weighed = [(name.strip(), _weight(parameters)) for name, _, parameters in ranges]
    yield from (name for name, weight in sorted(weighed, key=lambda each: -each[1]) if weight > 0)


def _weight(parameters: str) -> float:
    """The `q` of RFC 9110; 1 where there is none, 0 where it cannot be read."""
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    return float(value) if value.strip().replace(".", "", 1).isdecimal() and value.isascii() else 0.0
