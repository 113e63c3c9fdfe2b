"""A function with a single route needs no router, whose loading would be most of its cold start."""

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pg8000.exceptions import Error as DriverError

from shared.edge.entry import Handler, count_refusal, http_entry
from shared.edge.failures import PROBLEM_JSON, body_of_problem, headers_of, of_the_database, unforeseen
from shared.errors import MalformedRequest, Problem
from shared.telemetry import logger

Event = dict[str, Any]


def one_route_handler(answer: Callable[[Event], dict[str, Any]]) -> Handler:
    """The Lambda handler that tells the document which `answer` makes of an event, or its problem."""

    def resolve(event: Event, _: LambdaContext) -> dict[str, Any]:
        try:
            return _told(200, "application/json", json.dumps(answer(event)), {"Cache-Control": "no-store"})
        except Exception as error:  # noqa: BLE001  # whatever it was, the caller is answered
            return _refused(plain_problem(error), str(event["requestContext"]["requestId"]))

    return http_entry(resolve)


def raw_body(event: Event) -> bytes:
    """The bytes as they came. Raises MalformedRequest."""
    body = event.get("body") or ""
    try:
        return base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
    except (binascii.Error, UnicodeEncodeError):
        raise MalformedRequest from None


def header_of(event: Event, name: str) -> str | None:
    """A header by its name in lower case, as API Gateway tells them."""
    found: str | None = (event.get("headers") or {}).get(name)
    return found


def plain_problem(error: Exception) -> Problem:
    """The problem that tells of an error where neither a router nor SQLAlchemy is loaded."""
    if isinstance(error, Problem):
        return error
    return of_the_database(error) if isinstance(error, DriverError) else unforeseen(error)


def _refused(problem: Problem, request_id: str) -> dict[str, Any]:
    logger.info("refused", code=problem.code, status=problem.status)
    count_refusal(problem)
    return _told(problem.status, PROBLEM_JSON, body_of_problem(problem, request_id), headers_of(problem))


def _told(status: int, kind: str, body: str, headers: dict[str, str]) -> dict[str, Any]:
    """An answer as API Gateway takes it."""
    return {
        "statusCode": status,
        "headers": {"Content-Type": kind, **headers},
        "body": body,
        "isBase64Encoded": False,
    }
