"""Where another school's being there makes a difference to the answers a school gets."""

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

from shared.openapi.operation import Operation
from tests.functions import API_HOST
from tests.isolation.recipes import RECIPES, Call, Names
from tests.isolation.worlds import NOBODY, Worlds

# The endpoint's id is 122 random bits which Stripe and the school know: whoever names it knows it is there.
SECRETS_THEMSELVES = {("receiveStripeEvent", "endpoint"), ("receiveImmersioHint", "endpoint")}

GOOD = ("as it should be", "with headers of lotus", "by the header", "by its own domain")


def differences(worlds: Worlds, operation: Operation) -> Iterator[str]:
    """What a caller of aurora can tell lotus from, or do to it.

    Alone and together aurora's answers are the same bytes, lotus's things are like nobody's, and lotus stays
    as it was.
    """
    before = worlds.state_of_lotus()
    worlds.draw_level()
    for name, call in requests(worlds, operation):
        alone, together = worlds.alone.answer(call), worlds.together.answer(call)
        if alone != together:
            yield f"{operation.name}, {name}: {alone} alone, {together} together"
        if name in GOOD and together.status != operation.status:
            yield f"{operation.name}, {name}: {together}"
    for name, theirs, nobodys in twins(worlds, operation):
        told, of_nobody = worlds.together.answer(theirs), worlds.together.answer(nobodys)
        if told != of_nobody:
            yield f"{operation.name}, {name}: {told} of lotus, {of_nobody} of nobody"
    if worlds.state_of_lotus() != before:
        yield f"{operation.name} changes lotus"


def requests(worlds: Worlds, operation: Operation) -> Iterator[tuple[str, Call]]:
    """Of aurora's people and of strangers; some name lotus where nobody should listen."""
    recipe, own, theirs = RECIPES[operation.name], worlds.aurora, worlds.lotus
    yield GOOD[0], recipe(own)
    yield "sent again", recipe(own)
    another = recipe(replace(own, number=1))
    yield GOOD[1], replace(another, headers={**another.headers, **headers_of(theirs)})
    yield GOOD[2], by_header(recipe(replace(own, number=2)), label_of(own))
    yield GOOD[3], recipe(replace(own, number=3, host=own.domain))
    yield "by a header of both", by_header(another, f"{label_of(own)},{label_of(theirs)}")
    yield "on a host of nobody's", recipe(replace(own, host=NOBODY.host))
    yield "on the API's own host without a school", replace(another, host=API_HOST)
    yield "without a token", replace(another, claims=None, headers={})
    yield (
        "with a tenant in the query",
        replace(another, path=f"{another.path}{'&' if '?' in another.path else '?'}tenantId=1"),
    )
    yield "with a body that is none", replace(another, body="{")
    for name in sorted(named_by(operation, own)):
        yield f"{name} of lotus", recipe(with_of(replace(own, number=4), {name}, theirs))


def twins(worlds: Worlds, operation: Operation) -> Iterator[tuple[str, Call, Call]]:
    """Pairs of calls, of which one names what is lotus's and the other what nobody has."""
    recipe, own, theirs = RECIPES[operation.name], replace(worlds.aurora, number=5), worlds.lotus
    for name in sorted(named_by(operation, own)):
        yield name, recipe(with_of(own, {name}, theirs)), recipe(with_of(own, {name}, NOBODY))
    named = named_by(operation, own) - {"admin"}
    if named:
        yield "everything", recipe(with_of(own, named, theirs)), recipe(with_of(own, named, NOBODY))
    if recipe(own).host == own.host:
        yield (
            "on lotus's host",
            recipe(replace(own, host=theirs.host)),
            recipe(replace(NOBODY, host=theirs.host)),
        )


def named_by(operation: Operation, own: Names) -> set[str]:
    """What the operation's calls name of a school, but its address, which is no secret."""
    recipe = RECIPES[operation.name]
    names = {each.name for each in fields(Names)} - {"host", "number"}
    named = {name for name in names if recipe(with_of(own, {name}, NOBODY)) != recipe(own)}
    return {name for name in named if (operation.name, name) not in SECRETS_THEMSELVES}


def with_of(own: Names, named: set[str], other: Names) -> Names:
    """`own`, with some things of `other`'s."""
    changed: Any = {name: getattr(other, name) for name in named}
    return replace(own, **changed)


def by_header(call: Call, label: str) -> Call:
    return replace(call, host=API_HOST, headers={**call.headers, "x-tenant": label})


def label_of(names: Names) -> str:
    return names.host.partition(".")[0]


def headers_of(names: Names) -> dict[str, str]:
    return {
        "host": names.host,
        "x-tenant": label_of(names),
        "x-tenant-id": "3",
        "x-forwarded-host": names.host,
        "forwarded": f"host={names.host}",
        "x-original-host": names.host,
    }
