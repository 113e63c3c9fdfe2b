"""A call of the API from its bytes to its answer: the key, the faults, the idempotency key, the work."""

import time
from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Request, Response

from local.fakes.hanging_up import HUNG_UP, hang_up
from local.fakes.stripe.answers import StripeError, json_answer, new_id
from local.fakes.stripe.calls import Call, Operation
from local.fakes.stripe.documents.events import API_VERSION
from local.fakes.stripe.expansion import check_expansions, expanded
from local.fakes.stripe.faults import Fault, RateLimited, internal_error, refuse_by
from local.fakes.stripe.forms import parameters_of
from local.fakes.stripe.idempotency import Answer
from local.fakes.stripe.parameters import read
from local.fakes.stripe.world import World


def serve_call(world: World, request: Request, operation: Operation, arguments: dict[str, str]) -> Response:
    """Every call is written down before it is served: who is hung up on may look before we are done."""
    seen: dict[str, Any] = {
        "method": request.method,
        "path": request.path,
        "idempotencyKey": request.headers.get("Idempotency-Key"),
        "account": None,
        "fault": None,
        "status": None,
        "replayed": False,
    }
    world.calls.append(seen)
    try:
        answer = _served(world, request, operation, arguments, seen)
    except StripeError as error:
        answer = json_answer(error.document, error.status)
        if isinstance(error, RateLimited) and error.retry_after is not None:
            answer.headers["Retry-After"] = str(error.retry_after)
    seen["status"] = None if answer.status_code == HUNG_UP else answer.status_code
    answer.headers["Stripe-Version"] = API_VERSION
    return answer


def _served(
    world: World, request: Request, operation: Operation, arguments: dict[str, str], seen: dict[str, Any]
) -> Response:
    with world.lock:
        _, account = world.accounts.called(request, operation.permission, world.now())
    seen["account"] = account.id
    _check_version(request)
    fault = world.faults.next_for(lambda each: each.befalls(request))
    seen["fault"] = fault.kind if fault else None
    refuse_by(fault)
    if fault and fault.kind == "drop_before":
        return hang_up(request)
    given = parameters_of(request)
    parameters = read(operation.parameters, given)
    check_expansions(parameters.expand, operation.answers)
    call = Call(world, account, request.host_url)

    def work() -> dict[str, Any]:
        return expanded(account, operation.run(call, parameters, **arguments), parameters.expand)

    key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
    scope = (account.id, key)
    answer, replayed = _once(world, request, scope, given, lambda: _work(world, key, work, fault))
    seen["replayed"] = replayed
    if fault and fault.kind == "drop_after":
        return hang_up(request)
    return _response(answer, key, replayed=replayed)


def _check_version(request: Request) -> None:
    """Stripe would answer as in that version; we know how one of them answers."""
    asked = request.headers.get("Stripe-Version", API_VERSION)
    if asked != API_VERSION:
        raise StripeError(400, f"Invalid Stripe API version: {asked[:40]}; here it is {API_VERSION}.")


def _once(
    world: World,
    request: Request,
    scope: tuple[str, str | None],
    given: dict[str, Any],
    work: Callable[[], Answer],
) -> tuple[Answer, bool]:
    """The answer, and whether it is that of an earlier call with the same key."""
    account, key = scope
    if key is None:
        return work(), False
    with world.lock:
        earlier = world.kept.begin((account, key), request.path, given, world.now())
    if earlier is not None:
        return earlier, True
    try:
        answer = work()
    except BaseException:
        with world.lock:
            world.kept.forget((account, key))
        raise
    with world.lock:
        world.kept.keep((account, key), answer)
    return answer, False


def _work(world: World, key: str | None, run: Callable[[], dict[str, Any]], fault: Fault | None) -> Answer:
    if fault and fault.kind == "delay":
        time.sleep(fault.seconds)
    request_id = new_id("req")
    with world.lock:
        world.cause = (request_id, key)
        try:
            answer = Answer(200, run(), request_id)
        except StripeError as error:
            answer = Answer(error.status, error.document, request_id)
        finally:
            world.cause = (None, None)
    if fault and fault.kind == "error_after":
        return Answer(500, internal_error().document, request_id)
    return answer


def _response(answer: Answer, key: str | None, *, replayed: bool) -> Response:
    response = json_answer(answer.document, answer.status)
    if key is not None:
        response.headers["Idempotency-Key"] = key
        response.headers["Original-Request"] = answer.request_id
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
    else:
        response.headers["Request-Id"] = answer.request_id
    return response
