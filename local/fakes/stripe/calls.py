"""One call of the API: whose it is, what it asks, and what serves it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local.fakes.stripe.parameters import Parameters
from local.fakes.stripe.state import Account
from local.fakes.stripe.world import World


@dataclass(frozen=True)
class Call:
    """`base_url` is where the caller found us, so that pages can be linked to."""

    world: World
    account: Account
    base_url: str


@dataclass(frozen=True)
class Operation:
    """`permission` is what a restricted key needs, `answers` the kind of object that comes back.

    `run` takes the call, its parameters, and the path's.
    """

    permission: str
    answers: str
    parameters: type[Parameters]
    run: Callable[..., dict[str, Any]]
