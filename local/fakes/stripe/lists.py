"""Lists: newest first, a page at a time, from the id that the caller knows."""

from collections.abc import Sequence
from typing import Any, TypeVar

from local.fakes.stripe.answers import StripeError
from local.fakes.stripe.documents import document_of
from local.fakes.stripe.parameters import ListParameters
from local.fakes.stripe.state import Account, Thing

Item = TypeVar("Item")


def page_of(
    account: Account, things: Sequence[Thing], parameters: ListParameters, url: str, **filters: str | None
) -> dict[str, Any]:
    """`things` are oldest first; a filter that is None holds for all."""
    wanted = {name: value for name, value in filters.items() if value is not None}
    fitting = [
        thing
        for thing in reversed(things)
        if parameters.created.holds(thing.created)
        and all(getattr(thing, name) == value for name, value in wanted.items())
    ]
    part, has_more = cut({thing.id: thing for thing in fitting}, parameters)
    data = [document_of(account, thing) for thing in part]
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def cut(items: dict[str, Item], parameters: ListParameters) -> tuple[list[Item], bool]:
    """The page, and whether there is more of the list in the direction that the caller goes."""
    after, before, limit = parameters.starting_after, parameters.ending_before, parameters.limit
    if after and before:
        raise StripeError(400, "Received both starting_after and ending_before parameters. Pass only one.")
    ids = list(items)
    if before:
        newer = ids[: _place(ids, before, "ending_before")]
        return [items[id_] for id_ in newer[-limit:]], len(newer) > limit
    older = ids[_place(ids, after, "starting_after") + 1 :] if after else ids
    return [items[id_] for id_ in older[:limit]], len(older) > limit


def _place(ids: list[str], id_: str, param: str) -> int:
    if id_ not in ids:
        raise StripeError(400, f"No such object: '{id_[:100]}'", "resource_missing", param)
    return ids.index(id_)
