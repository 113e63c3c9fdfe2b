"""The one renderer of errors: `application/problem+json` (RFC 9457) with a stable code."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.exceptions import ServiceError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from shared.edge.failures import PROBLEM_JSON, body_of_problem, headers_of, of_the_database, unforeseen
from shared.errors import Busy, MalformedRequest, NotFound, Problem, TryAgain
from shared.telemetry import logger


def render(problem: Problem, request_id: str) -> Response[Any]:
    """The answer for `problem`; expected failures are counted, not alarmed about."""
    logger.info("refused", code=problem.code, status=problem.status)
    headers: dict[str, str | list[str]] = {**headers_of(problem)}
    return Response(problem.status, PROBLEM_JSON, body_of_problem(problem, request_id), headers)


def as_problem(error: Exception) -> Problem:
    """The problem that tells of `error`; what nobody foresaw is logged with its trace and told as a 500."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, ServiceError):
        return _of_the_router(error)
    if isinstance(error, TryAgain | NoConnection):
        return Busy()
    if isinstance(error, DBAPIError):
        return of_the_database(error)
    return unforeseen(error)


def _of_the_router(error: ServiceError) -> Problem:
    if error.status_code == HTTPStatus.NOT_FOUND:
        return NotFound("No such path or method")
    return MalformedRequest()
