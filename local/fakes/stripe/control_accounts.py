"""Keys and accounts, trouble that is to come, and what there is to look at."""

from typing import Any

from werkzeug.wrappers import Request, Response

from local.fakes.stripe.answers import StripeError, json_answer
from local.fakes.stripe.control_bodies import order_of, orders_of
from local.fakes.stripe.faults import Fault
from local.fakes.stripe.keys import ApiKey
from local.fakes.stripe.orders import Clock, Connection, NewKey, OfAccount, RolledKey
from local.fakes.stripe.state import Account
from local.fakes.stripe.summary import summary_of
from local.fakes.stripe.world import World


def add_key(world: World, request: Request) -> Response:
    order = order_of(request, NewKey)
    with world.lock:
        account = world.account_of(order.same_account_as or order.api_key)
        permissions = None if order.permissions is None else frozenset(order.permissions)
        world.accounts.keys[order.api_key] = ApiKey(account.id, permissions)
    return json_answer({"account": account.id}, 201)


def revoke_key(world: World, request: Request) -> Response:
    order = order_of(request, OfAccount)
    with world.lock:
        account = world.account_of(order.api_key)
        world.accounts.keys[order.api_key].expired = True
    return json_answer({"account": account.id})


def roll_key(world: World, request: Request) -> Response:
    order = order_of(request, RolledKey)
    if order.new_key == order.api_key:
        raise StripeError(400, "The new key is the old one.", "parameter_invalid", "newKey")
    with world.lock:
        account = world.account_of(order.api_key)
        old = world.accounts.keys[order.api_key]
        world.accounts.keys[order.new_key] = ApiKey(account.id, old.permissions)
        old.expired = True
    return json_answer({"account": account.id})


def connect(world: World, request: Request) -> Response:
    order = order_of(request, Connection)
    with world.lock:
        key = order.connected_key
        account = world.account_of(key) if key else world.accounts.new(world.now())
        world.account_of(order.api_key).connected.add(account.id)
    return json_answer({"account": account.id}, 201)


def add_faults(world: World, request: Request) -> Response:
    faults = orders_of(request, Fault)
    world.faults.add(faults)
    return json_answer({"added": len(faults)}, 201)


def clear_faults(world: World, _: Request) -> Response:
    world.faults.clear()
    return json_answer({})


def set_clock(world: World, request: Request) -> Response:
    """Sessions whose end comes with it are gone when the next call comes."""
    order = order_of(request, Clock)
    with world.lock:
        world.clock_offset = order.offset_seconds
        return json_answer({"now": world.now()})


def state(world: World, request: Request) -> Response:
    """By account: its payments and refunds, and the sums of both by currency."""
    api_key = request.args.get("apiKey")
    with world.lock:
        accounts: list[Account] = list(world.accounts.by_id.values())
        if api_key:
            accounts = [world.account_of(api_key)]
        told: list[dict[str, Any]] = [summary_of(account) for account in accounts]
    return json_answer({"now": world.now(), "accounts": told})


def calls(world: World, _: Request) -> Response:
    """Every call of the API so far; the status is null while it is served, and when nobody was answered."""
    with world.lock:
        return json_answer({"calls": list(world.calls)})
