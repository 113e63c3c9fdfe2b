"""How Stripe's API answers: its documents and its errors."""

import json
import secrets
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Request, Response


class StripeError(Exception):
    """An answer of 4xx or 5xx; what Stripe has nothing to say about is left out of it."""

    def __init__(
        self,
        status: int,
        message: str,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
        decline_code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        told = {"type": kind, "code": code, "message": message, "param": param, "decline_code": decline_code}
        self.document = {"error": {name: value for name, value in told.items() if value is not None}}


def json_answer(document: Mapping[str, Any], status: int = 200) -> Response:
    answer = Response(json.dumps(document, indent=2), status, mimetype="application/json")
    answer.headers["Request-Id"] = new_id("req")
    return answer


def error_answer(error: StripeError) -> Response:
    return json_answer(error.document, error.status)


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


def no_such_url(request: Request) -> StripeError:
    return StripeError(404, f"Unrecognized request URL ({request.method}: {request.path}).")
