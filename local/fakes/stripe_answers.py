"""How Stripe's API answers: its errors, its keys, and its refusal of what it does not know."""

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

_TEST_KEY = re.compile(r"(?:sk|rk)_test_[A-Za-z0-9_]+", re.ASCII)


class StripeError(Exception):
    """An answer of 4xx; `code` and `param` are left out where Stripe has none."""

    def __init__(self, status: int, message: str, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        told = {"type": "invalid_request_error", "code": code, "message": message, "param": param}
        self.document = {"error": {name: value for name, value in told.items() if value is not None}}


def json_answer(document: Mapping[str, Any], status: int = 200) -> Response:
    answer = Response(json.dumps(document, indent=2), status, mimetype="application/json")
    answer.headers["Request-Id"] = new_id("req")
    return answer


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


def api_key_of(request: Request) -> str:
    """The caller's test key, as bearer token or as Basic user name; refuses every other kind of key."""
    given = request.authorization
    key = (given.token if given and given.type == "bearer" else given and given.username) or ""
    if not key:
        raise StripeError(401, "You did not provide an API key.")
    if key.startswith(("sk_live_", "rk_live_")):
        raise StripeError(401, "A live key has no business on this machine.", "livemode_mismatch")
    if key.startswith("pk_"):
        raise StripeError(401, "This call cannot be made with a publishable key.", "secret_key_required")
    if not _TEST_KEY.fullmatch(key):
        raise StripeError(401, f"Invalid API Key provided: {key[:7]}****")
    return key


def refuse_unknown_parameters(names: Iterable[str], known: Iterable[str]) -> None:
    """`expand[0]` is the parameter `expand`, which every call takes."""
    unknown = sorted({name.partition("[")[0] for name in names} - {*known, "expand"})
    if unknown:
        message = f"Received unknown parameter: {unknown[0]}"
        raise StripeError(400, message, "parameter_unknown", unknown[0])


def no_such_url(request: Request) -> StripeError:
    return StripeError(404, f"Unrecognized request URL ({request.method}: {request.path}).")
