"""A fake Stripe for one machine: strict where Stripe is, with its own state for each API key.

Beside the API there is a control plane, which makes happen what people and banks do to the real one:
POST /_control/webhook-endpoints registers a URL, POST /_control/events tells it something, and
GET /_control/deliveries says what became of that.
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from local.fakes.stripe_answers import (
    StripeError,
    api_key_of,
    json_answer,
    new_id,
    no_such_url,
    refuse_unknown_parameters,
)
from local.fakes.stripe_delivery import Attempt, Endpoint, deliver
from local.fakes.stripe_orders import Announcement, NewEndpoint, NewEvent
from shared.fields import Document

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Order = TypeVar("Order", bound=Document)

# The version that stripe-python 16 asks for.
API_VERSION = "2026-10-28.endive"
# Stripe goes on for three days; here nobody waits that long to see a second try. Seconds.
RETRY_WAITS = (0.2, 1.0, 3.0)
MOST_AT_ONCE = 100


@dataclass
class Account:
    """What one API key sees; `endpoints` by URL."""

    id: str
    created: int
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "account",
            "charges_enabled": True,
            "country": "DE",
            "created": self.created,
            "default_currency": "eur",
            "details_submitted": True,
            "metadata": {},
            "payouts_enabled": True,
            "type": "standard",
        }


@dataclass
class FakeStripe:
    """The accounts by API key; a test key is known from its first use."""

    retry_waits: Sequence[float]
    accounts: dict[str, Account] = field(default_factory=dict)

    def account(self, api_key: str) -> Account:
        digest = hashlib.sha256(api_key.encode()).hexdigest()[:16]
        return self.accounts.setdefault(api_key, Account(f"acct_{digest}", int(time.time())))

    def current_account(self, request: Request) -> Response:
        account = self.account(api_key_of(request))
        refuse_unknown_parameters(request.args, ())
        return json_answer(account.document())

    def named_account(self, request: Request, account_id: str) -> Response:
        account = self.account(api_key_of(request))
        refuse_unknown_parameters(request.args, ())
        if account_id != account.id:
            raise StripeError(404, f"No such account: '{account_id}'", "resource_missing", "account")
        return json_answer(account.document())

    def register_endpoint(self, request: Request) -> Response:
        """The same URL again replaces its secrets."""
        order = order_of(request, NewEndpoint)
        secrets = tuple(secret for secret in (order.secret, order.previous_secret) if secret)
        endpoint = Endpoint(new_id("we"), order.url, secrets)
        self.account(order.api_key).endpoints[order.url] = endpoint
        return json_answer({"id": endpoint.id, "url": endpoint.url, "secret": order.secret}, 201)

    def announce(self, request: Request) -> Response:
        """Answers when every delivery has succeeded or was given up."""
        order = order_of(request, Announcement)
        account = self.account(order.api_key)
        events = [event_document(each, len(account.endpoints)) for each in order.events]
        if order.order == "reversed":
            events.reverse()
        sent = [(endpoint, event) for event in events for endpoint in account.endpoints.values()]
        repeated = [pair for pair in sent for _ in range(order.times)]
        with ThreadPoolExecutor(MOST_AT_ONCE if order.at_once else 1) as senders:
            tried = senders.map(lambda pair: deliver(pair[0], pair[1], self.retry_waits), repeated)
            attempts = [attempt for attempts in tried for attempt in attempts]
        account.attempts += attempts
        return json_answer({"events": events, "deliveries": [each.document() for each in attempts]}, 201)

    def deliveries(self, _: Request) -> Response:
        attempts = [attempt for account in self.accounts.values() for attempt in account.attempts]
        return json_answer({"deliveries": [attempt.document() for attempt in attempts]})


def stripe_app(*, retry_waits: Sequence[float] = RETRY_WAITS) -> "WSGIApplication":
    """A WSGI application with a state of its own; `retry_waits` are the seconds between deliveries."""
    fake = FakeStripe(retry_waits)
    actions: dict[str, Callable[..., Response]] = {
        "GET /v1/account": fake.current_account,
        "GET /v1/accounts/<account_id>": fake.named_account,
        "POST /_control/webhook-endpoints": fake.register_endpoint,
        "POST /_control/events": fake.announce,
        "GET /_control/deliveries": fake.deliveries,
    }
    routes = Map([rule(action) for action in actions])

    @Request.application
    def application(request: Request) -> Response:
        try:
            action, arguments = routes.bind_to_environ(request.environ).match()
            return actions[action](request, **arguments)
        except StripeError as error:
            return json_answer(error.document, error.status)
        except HTTPException:
            unknown = no_such_url(request)
            return json_answer(unknown.document, unknown.status)

    return application


def rule(action: str) -> Rule:
    method, path = action.split(" ")
    return Rule(path, endpoint=action, methods=[method])


def order_of(request: Request, model: type[Order]) -> Order:
    """The control plane's JSON body; what it does not know is refused in Stripe's words."""
    try:
        return model.model_validate_json(request.get_data())
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise StripeError(400, first["msg"], "parameter_invalid", place) from None


def event_document(event: NewEvent, endpoints: int) -> dict[str, Any]:
    """The event as Stripe renders it, new by its id."""
    return {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": int(time.time()),
        "data": event.data.model_dump(exclude_unset=True),
        "livemode": event.livemode,
        "pending_webhooks": endpoints,
        "request": {"id": None, "idempotency_key": None},
        "type": event.type,
    }
