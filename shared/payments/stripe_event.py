"""An event of Stripe's as it comes: read strictly, and relieved of what need not be kept."""

import json
import math
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from shared.payments.errors import EventUnreadable

DEEPEST = 64

# An intent's client secret lets its holder pay or see the payment; nobody here has a use for it.
SECRETS = frozenset({"client_secret", "secret"})

_EVENT_ID = re.compile(r"evt_[A-Za-z0-9_]{1,200}", re.ASCII)
_TYPE = re.compile(r"[!-~]{1,200}", re.ASCII)


@dataclass(frozen=True, slots=True)
class StripeEvent:
    """`document` is JSON that Postgres can store."""

    id: str
    type: str
    livemode: bool
    document: str


def read_event(body: bytes) -> StripeEvent:
    """The event in a body whose signature was checked. Raises EventUnreadable."""
    try:
        event = json.loads(
            body.decode(), object_pairs_hook=_members, parse_constant=_refuse, parse_float=_finite
        )
        _refuse_what_cannot_be_stored(event)
        # Written anew, so that what is stored is what was read, whatever another parser makes of it.
        document = json.dumps(event, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (ValueError, RecursionError):
        raise EventUnreadable from None
    return _event(event, document)


def _event(event: Any, document: str) -> StripeEvent:
    known = event if isinstance(event, dict) else {}
    event_id, kind, livemode = known.get("id"), known.get("type"), known.get("livemode")
    if not isinstance(event_id, str) or not _EVENT_ID.fullmatch(event_id):
        raise EventUnreadable
    if not isinstance(kind, str) or not _TYPE.fullmatch(kind):
        raise EventUnreadable
    if not isinstance(livemode, bool):
        raise EventUnreadable
    return StripeEvent(event_id, kind, livemode, document)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name comes twice")
    return {name: value for name, value in members.items() if name not in SECRETS}


def _refuse(_: str) -> NoReturn:
    raise ValueError("not a number of JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("too large a number")
    return number


def _refuse_what_cannot_be_stored(document: Any) -> None:
    """Nesting that is deeper than any event's, NUL, and halves of characters."""
    layer, depth = [document], 0
    while layer:
        if depth > DEEPEST:
            raise ValueError("nested too deeply")
        for value in layer:
            _refuse_unstorable_text(value)
        layer, depth = [inner for value in layer for inner in _inside(value)], depth + 1


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else []


def _refuse_unstorable_text(value: Any) -> None:
    if isinstance(value, str) and (b"\0" in value.encode()):
        raise ValueError("holds a NUL")
