"""What is wrong with an answer, measured by the types that Stripe generates for its own library.

A field that the library does not know is made up; one that it does not call optional must be there; where
it names the values, though it would take any text, only those will do.
"""

from decimal import Decimal
from types import UnionType
from typing import Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

import stripe
from stripe import ListObject, StripeObject
from stripe._stripe_object import UntypedStripeObject


class Names(dict[str, Any]):
    """What the annotations' names stand for; the library loads its classes when they are asked for."""

    def __missing__(self, name: str) -> Any:
        # `Card as CardResource`: so its modules import what has a class of its own by that name.
        plain = name.removesuffix("Resource")
        for place in (stripe, stripe.issuing):
            found = getattr(place, plain.removeprefix("Issuing"), None)
            if found is not None:
                return found
        raise KeyError(name)


NAMES = Names()


def faults_of(document: Any, kind: type[StripeObject]) -> list[str]:
    """One line a fault, with the path to it."""
    return _of_object(document, kind, kind.__name__)


def _fields(kind: type[StripeObject]) -> dict[str, Any]:
    hints = get_type_hints(kind, localns=NAMES)
    return {
        name: hint
        for name, hint in hints.items()
        if not name.startswith("_") and get_origin(hint) is not ClassVar and hint is not ClassVar
    }


def _of_object(document: Any, kind: type[StripeObject], path: str) -> list[str]:
    if not isinstance(document, dict):
        return [f"{path}: is {document!r}, not an object"]
    fields = _fields(kind)
    found = [f"{path}.{name}: unknown to the library" for name in document if name not in fields]
    for name, hint in fields.items():
        if name in document:
            found += _of_value(document[name], hint, f"{path}.{name}")
        elif not _is_optional(hint):
            found.append(f"{path}.{name}: missing")
    return found


def _is_optional(hint: Any) -> bool:
    return get_origin(hint) in (Union, UnionType) and type(None) in get_args(hint)


def _of_value(value: Any, hint: Any, path: str) -> list[str]:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _of_one_of(value, inner, path)
    if origin is Literal:
        return [] if value in inner else [f"{path}: {value!r} is none of {inner}"]
    if origin in _CONTAINERS:
        return _CONTAINERS[origin](value, inner[0], path)
    is_object = isinstance(hint, type) and issubclass(hint, StripeObject)
    return _of_object(value, hint, path) if is_object else _of_scalar(value, hint, path)


def _of_one_of(value: Any, kinds: tuple[Any, ...], path: str) -> list[str]:
    if value is None and type(None) in kinds:
        return []
    named = any(get_origin(kind) is Literal for kind in kinds)
    tried = [_of_value(value, kind, path) for kind in kinds if not (kind is str and named)]
    # Of several classes the one that comes nearest tells what is wrong.
    return min(tried, key=len)


def _of_list(value: Any, kind: Any, path: str) -> list[str]:
    if not isinstance(value, list):
        return [f"{path}: is {value!r}, not a list"]
    return [fault for place, each in enumerate(value) for fault in _of_value(each, kind, f"{path}[{place}]")]


def _of_page(value: Any, kind: Any, path: str) -> list[str]:
    if not isinstance(value, dict) or set(value) != {"object", "data", "has_more", "url"}:
        return [f"{path}: is no page"]
    return _of_list(value["data"], kind, path)


def _of_mapping(value: Any, kind: Any, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: is {value!r}, not a hash"]
    return [fault for name, each in value.items() for fault in _of_value(each, kind, f"{path}[{name}]")]


_CONTAINERS = {list: _of_list, ListObject: _of_page, UntypedStripeObject: _of_mapping}


def _of_scalar(value: Any, hint: Any, path: str) -> list[str]:
    if hint is Any:
        return []
    # Decimals travel as texts; a truth is no number.
    wanted = str if hint is Decimal else hint
    return [] if type(value) is wanted else [f"{path}: {value!r} is not of {hint}"]
