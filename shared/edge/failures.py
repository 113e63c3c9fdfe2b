"""What a failure is told as, whatever carried it here; nothing of this loads SQLAlchemy or a router."""

import json

from shared.errors import Busy, Conflict, MalformedRequest, Problem
from shared.sqlstates import (
    EXCLUSION_VIOLATION,
    FOREIGN_KEY_VIOLATION,
    LOCK_NOT_AVAILABLE,
    QUERY_CANCELED,
    TOO_MANY_CONNECTIONS,
    UNIQUE_VIOLATION,
    sqlstate,
)
from shared.telemetry import logger

PROBLEM_JSON = "application/problem+json"

# What the server says when it is short of something for the moment. Class 57P: it is going down.
_BUSY = (LOCK_NOT_AVAILABLE, QUERY_CANCELED, TOO_MANY_CONNECTIONS, "57P01", "57P02", "57P03")
_UNREADABLE_TEXT = ("22021", "22P05")
# Somebody was faster: with the same name, the same time, or with taking away what this refers to.
_LOST_RACES = (UNIQUE_VIOLATION, EXCLUSION_VIOLATION, FOREIGN_KEY_VIOLATION)


def headers_of(problem: Problem) -> dict[str, str]:
    waiting = {} if problem.retry_after is None else {"Retry-After": str(problem.retry_after)}
    return {"Cache-Control": "no-store", **waiting}


def body_of_problem(problem: Problem, request_id: str) -> str:
    return json.dumps({**problem.document(), "requestId": request_id}, ensure_ascii=False)


def of_the_database(error: Exception) -> Problem:
    """The problem that tells of an error of the driver, or of SQLAlchemy's around it."""
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


def unforeseen(error: Exception) -> Problem:
    """What nobody foresaw is logged with its trace and told as a 500."""
    logger.error("failed", error=type(error).__name__, trace=_trace(error))
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
