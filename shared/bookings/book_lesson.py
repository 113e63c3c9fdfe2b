"""The write of a lesson: one function of the database, which commits along with it or leaves nothing."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from shared.database import call
from shared.sqlstates import sqlstate


class LessonToBook(NamedTuple):
    """What `book_lesson` is told, in its order; instants in epoch seconds, buffers in minutes.

    The teachers are tried in turn; names, titles and limits (see `is_period_full`, or None) are theirs.
    `allowed` is the month's limit of the plan, `most_active` the booker's for this event type.
    """

    teachers: list[int]
    names: list[str]
    titles: list[str]
    limits: list[str] | None
    event_type: int
    start: int
    end: int
    before_buffer: int
    after_buffer: int
    uid: str
    token: str
    status: str
    hold_until: int | None
    refundable_until: int
    is_whitelisted: bool
    notes: str | None
    name: str
    email: str
    time_zone: str
    locale: str
    key: str | None
    request_hash: str | None
    first_answer: dict[str, Any] | None
    made_at: datetime
    allowed: int | None
    most_active: int | None
    source: str | None
    most_requests: int
    window_seconds: int


BOOK = f"SELECT book_lesson({', '.join(f'${n}' for n in range(1, len(LessonToBook._fields) + 1))})"

# What the function raises, so that everything it did is undone.
_RAISED = {"BK001": "month_full", "BK002": "key_taken", "BK003": "too_many"}


def book_lesson(connection: Connection, lesson: LessonToBook, *, last: bool = True) -> tuple[str, int]:
    """Book it for the tenant of the transaction; the outcome, and which teacher it is.

    The `last` statement ends the transaction.

    Outcomes: booked; taken, period_full and booker_full, with nothing written; month_full, key_taken and
    too_many, with everything undone. The number counts `teachers` from 0.
    """
    try:
        ((told,),) = call(connection, BOOK, *lesson, last=last)
    except DBAPIError as error:
        raised = _RAISED.get(sqlstate(error) or "")
        if raised is None:
            raise
        return raised, -1
    outcome, _, chosen = told.partition(" ")
    return outcome, int(chosen or 0) - 1
