"""Postgres through SQLAlchemy: one connection a process, one tenant a transaction."""

import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

from pg8000.exceptions import Error as DriverError
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from shared.connection import CONNECT_AND_READ_SECONDS, open_connection
from shared.errors import TryAgain
from shared.one_flush import OneFlushConnection, Statement
from shared.sqlstates import DEADLOCK, SERIALIZATION_FAILURE, sqlstate

Result = TypeVar("Result")

# A connection that rested longer may have been cut by the network or by a frozen function.
TRUSTED_IDLE_SECONDS = 30.0
ATTEMPTS = 4


def connect_database(database_url: str, *, patience: int = CONNECT_AND_READ_SECONDS) -> Engine:
    """An engine for one Lambda execution environment: a single connection, made at its first use.

    `database_url` is as `open_connection` takes it, and `patience` too.
    """
    engine = create_engine(
        driver_url(database_url),
        creator=lambda: open_connection(database_url, patience=patience),
        pool_size=1,
        max_overflow=0,
        pool_timeout=5,
    )
    event.listen(engine, "handle_error", _forget_unless_the_server_spoke)
    event.listen(engine, "checkin", _remember_when)
    event.listen(engine, "checkout", _ping_when_rested)
    return engine


def driver_url(database_url: str) -> URL:
    """The same address for SQLAlchemy's pg8000 dialect; what the query says is for `connection_arguments`."""
    return make_url(database_url).set(drivername="postgresql+pg8000", query={})


def in_tenant(engine: Engine, opening: Statement, work: Callable[[Connection], Result]) -> Result:
    """Run `work` in one transaction, which begins with `opening` and is committed when it returns.

    A deadlock, and a `TryAgain` of the work itself, roll it back and run it anew; nothing that `work`
    does may therefore leave the database.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _attempt(engine, opening, work)
        except (DBAPIError, TryAgain) as error:
            if attempt == ATTEMPTS or not _is_transient(error):
                raise
            time.sleep(random.uniform(0.005, 0.02) * attempt)  # noqa: S311  # jitter is no secret
    raise AssertionError("the last attempt returns or raises")


def in_platform(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    """Run `work` in one transaction that sees every tenant; the engine's role must be allowed to."""
    return in_tenant(engine, ("SELECT 1", ()), work)


def call(connection: Connection, statement: str, *values: Any, last: bool = False) -> list[list[Any]]:
    """Run one statement ($1, $2 …) without what SQLAlchemy does around it, and return its rows.

    For the hot paths only. The `last` one of a transaction takes the commit along: the work may do nothing
    more in the database after it. Errors are those of `Connection.execute`.
    """
    raw = _raw(connection)
    try:
        rows: list[list[Any]] | None = raw.run(statement, values, last=last).rows
    except BaseException as error:
        if raw.is_closed:
            connection.invalidate(error)
        if isinstance(error, DriverError):
            raise DBAPIError(None, None, error, connection_invalidated=raw.is_closed) from error
        raise
    return rows or []


def round_trips(connection: Connection) -> int:
    """How often this connection has waited for the server since it was made."""
    return _raw(connection).round_trips


def _attempt(engine: Engine, opening: Statement, work: Callable[[Connection], Result]) -> Result:
    with engine.connect() as connection:
        _raw(connection).open_with(*opening)
        with connection.begin():
            return work(connection)


def _is_transient(error: Exception) -> bool:
    return isinstance(error, TryAgain) or sqlstate(error) in (SERIALIZATION_FAILURE, DEADLOCK)


def _raw(connection: Connection) -> OneFlushConnection:
    raw = connection.connection.dbapi_connection
    if not isinstance(raw, OneFlushConnection):
        raise TypeError("the engine was not made by connect_database")
    return raw


def _forget_unless_the_server_spoke(context: ExceptionContext) -> None:
    """Whatever broke without a SQLSTATE may have broken the conversation: the connection is given up."""
    if sqlstate(context.original_exception) is None:
        context.is_disconnect = True


def _remember_when(_: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
    entry.info["rests_since"] = time.time()


def _ping_when_rested(raw: DBAPIConnection, entry: ConnectionPoolEntry, _: object) -> None:
    if time.time() - entry.info.get("rests_since", time.time()) < TRUSTED_IDLE_SECONDS:
        return
    try:
        cursor = raw.cursor()
        cursor.execute("SELECT 1")
        raw.rollback()
    except Exception as error:
        raise DisconnectionError from error
