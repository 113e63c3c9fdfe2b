"""The fake as a WSGI application: the API under /v1, the payment page under /c/pay, and the control plane."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from local.fakes.stripe import payers
from local.fakes.stripe.answers import StripeError, error_answer, no_such_url
from local.fakes.stripe.api import OPERATIONS
from local.fakes.stripe.checkout_page import act, show
from local.fakes.stripe.control import CONTROLS
from local.fakes.stripe.courier import Courier
from local.fakes.stripe.serving_calls import serve_call
from local.fakes.stripe.world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# Stripe goes on for three days; here nobody waits that long to see a second try. Seconds.
RETRY_WAITS = (0.2, 1.0, 3.0)

PAGES: dict[str, Callable[..., Response]] = {"GET /c/pay/<session_id>": show, "POST /c/pay/<session_id>": act}


def stripe_app(*, retry_waits: Sequence[float] = RETRY_WAITS) -> "WSGIApplication":
    """A WSGI application with a state of its own; `retry_waits` are the seconds between deliveries."""
    world = World(Courier(retry_waits))
    routes = Map([_rule(action) for action in (*OPERATIONS, *PAGES, *CONTROLS)], merge_slashes=False)

    @Request.application
    def application(request: Request) -> Response:
        try:
            action, arguments = routes.bind_to_environ(request.environ).match()
            return _answer(world, request, action, dict(arguments))
        except StripeError as error:
            return error_answer(error)
        except HTTPException:
            return error_answer(no_such_url(request))
        finally:
            _send(world)

    return application


def _rule(action: str) -> Rule:
    method, path = action.split(" ")
    return Rule(path, endpoint=action, methods=[method])


def _answer(world: World, request: Request, action: str, arguments: dict[str, Any]) -> Response:
    with world.lock:
        for account, session in world.run_out():
            if session.status == "open":
                payers.expire(world, account, session)
    if action in OPERATIONS:
        return serve_call(world, request, OPERATIONS[action], arguments)
    serve = PAGES.get(action) or CONTROLS[action]
    return serve(world, request, **arguments)


def _send(world: World) -> None:
    with world.lock:
        letters = world.take_outgoing()
    world.courier.post(letters)
