"""Names of strangers in mails to addresses that strangers typed."""

import unicodedata
from itertools import pairwise

from shared.notifications.envelope import one_line

_LONGEST_GREETED = 60
_IN_NAMES = " .-'\N{RIGHT SINGLE QUOTATION MARK}"


def greeted_name(name: str) -> str:
    """The name to greet by; empty when it may be an advertisement or a link instead."""
    name = one_line(name)
    plain = all(unicodedata.category(c)[0] in "LM" or c in _IN_NAMES for c in name)
    dotted = any(before == "." != after != " " for before, after in pairwise(name))
    return name if plain and not dotted and len(name) <= _LONGEST_GREETED else ""
