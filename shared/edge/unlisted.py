"""Who asks with one address after another which of them a list has is told to wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Engine

from shared.bookings.errors import NotWhitelisted
from shared.database import in_tenant
from shared.errors import Problem
from shared.one_flush import Statement
from shared.throttling.limit_requests import limit_requests, refuse_limited

KIND = "unlisted"
# Of a class behind one line, so many may mistype theirs or not be listed yet.
MOST_UNLISTED = 30


@contextmanager
def refused_alike(database: Engine, opening: Statement, source: str, now: datetime) -> Iterator[None]:
    """Count whoever is not on a list. After too many from `source`, every refusal is TooManyRequests.

    Every one: a time that is taken, or that nobody offers, is only told to whom the list has.
    """
    try:
        yield
    except NotWhitelisted:
        in_tenant(database, opening, lambda c: limit_requests(c, KIND, source, MOST_UNLISTED, now))
        raise
    except Problem:
        in_tenant(database, opening, lambda c: refuse_limited(c, KIND, source, MOST_UNLISTED, now))
        raise
