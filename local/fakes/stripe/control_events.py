"""What endpoints are told, how often, and in which order."""

from typing import Any

from werkzeug.wrappers import Request, Response

from local.fakes.stripe.answers import StripeError, json_answer, new_id
from local.fakes.stripe.control_bodies import order_of
from local.fakes.stripe.delivery import Endpoint
from local.fakes.stripe.documents.events import event_document
from local.fakes.stripe.orders import Announcement, NewEndpoint, OfAccount, Release, Repetition
from local.fakes.stripe.state import Account
from local.fakes.stripe.world import World

LONGEST_WAIT = 60.0


def register_endpoint(world: World, request: Request) -> Response:
    """The same URL again replaces its secrets."""
    order = order_of(request, NewEndpoint)
    secrets = tuple(secret for secret in (order.secret, order.previous_secret) if secret)
    endpoint = Endpoint(new_id("we"), order.url, secrets, order.connect)
    with world.lock:
        world.account_of(order.api_key).endpoints[order.url] = endpoint
    return json_answer({"id": endpoint.id, "url": endpoint.url, "secret": order.secret}, 201)


def announce(world: World, request: Request) -> Response:
    """Answers when every delivery has succeeded or was given up."""
    order = order_of(request, Announcement)
    with world.lock:
        account = world.account_of(order.api_key)
        now = world.now()
        events = [
            event_document(each.type, each.data.model_dump(exclude_unset=True), now, livemode=each.livemode)
            for each in order.events
        ]
        account.events.update({event["id"]: event for event in events})
    if order.order == "reversed":
        events.reverse()
    return _told(world, account, events, order.times, at_once=order.at_once)


def resend(world: World, request: Request, event_id: str) -> Response:
    order = order_of(request, Repetition)
    with world.lock:
        account = world.accounts.owner_of(event_id)
        event = account.events.get(event_id)
        if event is None:
            raise StripeError(404, f"No such event: '{event_id}'", "resource_missing", "id")
        if order.new_id:
            event = {**event, "id": new_id("evt")}
            account.events[event["id"]] = event
    return _told(world, account, [event], order.times, at_once=order.at_once)


def hold(world: World, request: Request) -> Response:
    """From now on nothing of this account is told, until it is released."""
    with world.lock:
        world.account_of(order_of(request, OfAccount).api_key).holding = True
    return json_answer({})


def release(world: World, request: Request) -> Response:
    """What was held goes, and nothing is held any more; events that `ids` leave out are never told."""
    order = order_of(request, Release)
    with world.lock:
        account = world.account_of(order.api_key)
        held, account.held, account.holding = account.held, [], False
    if order.ids is not None:
        by_id = {event["id"]: event for event in held}
        held = [by_id[id_] for id_ in order.ids if id_ in by_id]
    if order.order == "reversed":
        held.reverse()
    return _told(world, account, held, 1)


def deliveries(world: World, request: Request) -> Response:
    """Whether it is quiet, and every try so far."""
    seconds = min(request.args.get("wait", 0.0, type=float), LONGEST_WAIT)
    quiet = world.courier.wait(seconds)
    with world.lock:
        attempts = [each for account in world.accounts.by_id.values() for each in account.attempts]
    return json_answer({"quiet": quiet, "deliveries": [attempt.document() for attempt in attempts]})


def _told(
    world: World, account: Account, events: list[dict[str, Any]], times: int, *, at_once: bool = False
) -> Response:
    with world.lock:
        letters = world.letters(account, events)
    attempts = world.courier.tell([each for each in letters for _ in range(times)], at_once=at_once)
    return json_answer({"events": events, "deliveries": [each.document() for each in attempts]}, 201)
