"""Postgres without SQLAlchemy, for the function that has to be there quickly and says two statements."""

import threading
from collections.abc import Callable
from typing import TypeVar

from pg8000.exceptions import Error as DriverError

from shared.connection import open_connection
from shared.errors import Busy
from shared.one_flush import OneFlushConnection, Statement

Result = TypeVar("Result")
Work = Callable[[OneFlushConnection], Result]

PATIENCE_SECONDS = 5


class PlainDatabase:
    """One connection for one Lambda execution environment, made at its first use and again when it broke."""

    def __init__(self, database_url: str) -> None:
        """`database_url` is as `open_connection` takes it."""
        self._url = database_url
        self._connection: OneFlushConnection | None = None
        self._turn = threading.Lock()

    def in_tenant(self, opening: Statement, work: Work[Result]) -> Result:
        """Run `work` in one transaction, which begins with `opening` and is committed when it returns.

        When a connection that rested turns out to be dead, all of it is run again on a new one: the work
        must come to the same when it is done twice. Raises Busy when others use the connection for long.
        """
        if not self._turn.acquire(timeout=PATIENCE_SECONDS):
            raise Busy
        try:
            return self._at_first_or_again(opening, work)
        finally:
            self._turn.release()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _at_first_or_again(self, opening: Statement, work: Work[Result]) -> Result:
        rested = self._connection
        try:
            return self._attempt(opening, work)
        except DriverError:
            if rested is None or not rested.is_closed:
                raise
        return self._attempt(opening, work)

    def _attempt(self, opening: Statement, work: Work[Result]) -> Result:
        connection = self._open()
        connection.open_with(*opening)
        try:
            done = work(connection)
            connection.commit()
        except BaseException:
            if not connection.is_closed:
                connection.rollback()
            raise
        return done

    def _open(self) -> OneFlushConnection:
        if self._connection is None or self._connection.is_closed:
            self._connection = open_connection(self._url)
        return self._connection
