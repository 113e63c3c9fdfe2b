"""Bodies and queries as Stripe writes them: `line_items[0][price_data][currency]=eur`."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.wrappers import Request

from local.fakes.stripe.answers import StripeError

MOST_PARAMETERS = 1000
DEEPEST = 8

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_PART = re.compile(r"\[([^\[\]]*)\]")
_FORM = "application/x-www-form-urlencoded"


def parameters_of(request: Request) -> dict[str, Any]:
    """The parameters as nested dictionaries and lists of strings; a GET has them in its query."""
    if request.method == "GET":
        return nested(_pairs(request.query_string))
    if request.query_string:
        raise StripeError(400, "Parameters of a POST belong into its body, not into its URL.")
    body = request.get_data()
    if body and request.mimetype != _FORM:
        raise StripeError(400, f"Invalid content type: {request.mimetype or 'none'}; must be {_FORM}.")
    return nested(_pairs(body))


def _pairs(text: bytes) -> list[tuple[str, str]]:
    try:
        pairs = parse_qsl(
            text.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(text),
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except ValueError:
        raise StripeError(400, "Invalid request: the parameters cannot be read.") from None
    if any("\0" in name + value for name, value in pairs):
        raise StripeError(400, "Invalid request: NUL is no text.")
    return pairs


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name, value in pairs:
        match = _NAME.fullmatch(name)
        parts = _PART.findall(match[2]) if match else []
        if not match or len(parts) > DEEPEST:
            raise StripeError(400, f"Invalid parameter name: {name[:100]}", param=name[:100])
        _put(tree, [match[1], *parts], name, value)
    return {name: _with_lists(name, value) for name, value in tree.items()}


def _put(tree: dict[str, Any], path: list[str], name: str, value: str) -> None:
    *above, last = path
    for part in above:
        tree = tree.setdefault(part, {})
        if not isinstance(tree, dict):
            raise StripeError(400, f"Invalid parameter: {name} is both a value and more.", param=name)
    # `expand[]=a&expand[]=b`: each takes the next place.
    key = last or str(len(tree))
    if key in tree:
        raise StripeError(400, f"Invalid parameter: {name} is given twice.", param=name)
    tree[key] = value


def _with_lists(name: str, value: Any) -> Any:
    """Numbers as keys, from 0 on without a gap, make a list. An empty text unsets: metadata only."""
    if value == "":
        raise StripeError(400, f"You passed an empty string for '{name}'.", "parameter_invalid_empty", name)
    if not isinstance(value, dict):
        return value
    if name.endswith(("metadata", "metadata]")):
        return value
    members = {key: _with_lists(f"{name}[{key}]", member) for key, member in value.items()}
    if not all(key.isdecimal() for key in members):
        return members
    if sorted(members) != sorted(map(str, range(len(members)))):
        raise StripeError(400, "Invalid array", param=name)
    return [members[str(place)] for place in range(len(members))]
