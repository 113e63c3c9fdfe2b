"""The last part of a booking page's address, made from the title of a course."""

import itertools
import re
import unicodedata

LONGEST = 60

_BREAK = re.compile(r"[^a-z0-9]+")


def slug_of(text: str) -> str:
    """`Tiếng Việt cơ bản` → `tieng-viet-co-ban`; empty when nothing of the text is Latin."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("đ", "d")).encode("ascii", "ignore").decode()
    return _BREAK.sub("-", plain).strip("-")[:LONGEST].rstrip("-")


def free_slug(title: str, course_id: str, taken: set[str]) -> str:
    """A slug that is not among `taken`: by the title, else with the course's id, else numbered."""
    base = slug_of(title) or "course"
    named = f"{base}-{slug_of(course_id) or 'course'}"
    numbered = (f"{named}-{number}" for number in itertools.count(2))
    return next(slug for slug in itertools.chain((base, named), numbered) if slug not in taken)
