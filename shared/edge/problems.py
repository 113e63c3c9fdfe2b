"""The one renderer of errors: `application/problem+json` (RFC 9457) with a stable code."""

import json
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.exceptions import ServiceError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from shared.database import (
    EXCLUSION_VIOLATION,
    FOREIGN_KEY_VIOLATION,
    LOCK_NOT_AVAILABLE,
    QUERY_CANCELED,
    TOO_MANY_CONNECTIONS,
    UNIQUE_VIOLATION,
    sqlstate,
)
from shared.errors import Busy, Conflict, MalformedRequest, NotFound, Problem, TryAgain
from shared.telemetry import logger

PROBLEM_JSON = "application/problem+json"

# What the server says when it is short of something for the moment. Class 57P: it is going down.
_BUSY = (LOCK_NOT_AVAILABLE, QUERY_CANCELED, TOO_MANY_CONNECTIONS, "57P01", "57P02", "57P03")
_UNREADABLE_TEXT = ("22021", "22P05")
# Somebody was faster: with the same name, the same time, or with taking away what this refers to.
_LOST_RACES = (UNIQUE_VIOLATION, EXCLUSION_VIOLATION, FOREIGN_KEY_VIOLATION)


def render(problem: Problem, request_id: str) -> Response[Any]:
    """The answer for `problem`; expected failures are counted, not alarmed about."""
    headers: dict[str, str | list[str]] = {"Cache-Control": "no-store"}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    logger.info("refused", code=problem.code, status=problem.status)
    body = {**problem.document(), "requestId": request_id}
    return Response(problem.status, PROBLEM_JSON, json.dumps(body, ensure_ascii=False), headers)


def as_problem(error: Exception) -> Problem:
    """The problem that tells of `error`; what nobody foresaw is logged with its trace and told as a 500."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, ServiceError):
        return _of_the_router(error)
    if isinstance(error, TryAgain | NoConnection):
        return Busy()
    if isinstance(error, DBAPIError):
        return _of_the_database(error)
    logger.error("failed", error=type(error).__name__, trace=_trace(error))
    return Problem()


def _of_the_router(error: ServiceError) -> Problem:
    if error.status_code == HTTPStatus.NOT_FOUND:
        return NotFound("No such path or method")
    return MalformedRequest()


def _of_the_database(error: DBAPIError) -> Problem:
    state = sqlstate(error)
    if state in _LOST_RACES:
        return Conflict()
    if state in _UNREADABLE_TEXT:
        return MalformedRequest("A text holds a character that cannot be stored")
    if state is None or state in _BUSY:
        logger.warning("database unavailable", sqlstate=state)
        return Busy()
    logger.error("database refused", sqlstate=state, trace=_trace(error))
    return Problem()


def _trace(error: BaseException) -> list[str]:
    """Where it happened, without the message: a driver's message quotes what people wrote."""
    lines = []
    traceback = error.__traceback__
    while traceback:
        code = traceback.tb_frame.f_code
        lines.append(f"{code.co_filename}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return lines[-20:]
