"""Statements that several revisions write: safe on a live database, repeatable after a failure."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from alembic import op
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from shared.sqlstates import DEADLOCK, LOCK_NOT_AVAILABLE, sqlstate

Result = TypeVar("Result")

# Whoever comes after a statement that waits for a lock waits too, so it gives up soon and tries again
# later; sooner than Postgres looks for deadlocks (1 s), so that in one of those it is we who give way.
LOCK_TIMEOUT = "500ms"
ATTEMPTS = 60
LONGEST_PAUSE_SECONDS = 4.0
# A concurrent build waits for transactions that are older than itself, and nobody waits for it.
BUILD_TIMEOUT = "10min"


def quoted(name: str) -> str:
    """`name` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def table_exists(table: str) -> bool:
    """Whether the database has `table` in its search path."""
    return ask("SELECT to_regclass(%s) IS NOT NULL", quoted(table))


def ask(question: str, *values: object) -> bool:
    """The answer of a query for one truth value; no row is no."""
    return bool(op.get_bind().exec_driver_sql(question, values).scalar())


@contextmanager
def outside_transaction() -> Iterator[Connection]:
    """Statements that commit one by one; what the revision did before is committed first.

    Alembic asks for the isolation level on the way, and pg8000 opens a transaction for the question,
    which would still be open.
    """
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        raw = connection.connection.dbapi_connection
        if raw is not None:
            raw.rollback()
        yield connection


def step(*statements: str) -> int:
    """Run the statements in one short transaction, anew for as long as somebody is in their way.

    Returns how many rows the last one changed. A step has to be repeatable: the revision is recorded
    when all of its steps are done, and begins with the first one when it was interrupted.
    """
    with outside_transaction() as connection:
        return patiently(lambda: _transaction(connection, statements))


def patiently(work: Callable[[], Result]) -> Result:
    """Try again when a lock was not to be had, with growing pauses that let the others pass."""
    for attempt in range(1, ATTEMPTS):
        try:
            return work()
        except DBAPIError as error:
            if sqlstate(error) not in (LOCK_NOT_AVAILABLE, DEADLOCK):
                raise
        pause(attempt)
    return work()


def pause(attempt: int) -> None:
    time.sleep(min(0.1 * attempt, LONGEST_PAUSE_SECONDS) * random.uniform(0.5, 1))  # noqa: S311  # jitter


def create_index(name: str, table: str, columns: str, *, unique: bool = False, where: str = "") -> None:
    """Build an index without locking out writers.

    A build that was interrupted leaves an invalid index of the same name, which is dropped first.
    """
    condition = f" WHERE {where}" if where else ""
    if _is_invalid(name):
        drop_index(name)
    if not _exists(name):
        _concurrently(
            f"CREATE {'UNIQUE ' if unique else ''}INDEX CONCURRENTLY {quoted(name)} "
            f"ON {quoted(table)} ({columns}){condition}"
        )


def drop_index(name: str) -> None:
    """Drop an index without locking out writers."""
    _concurrently(f"DROP INDEX CONCURRENTLY IF EXISTS {quoted(name)}")


def add_constraint(table: str, name: str, definition: str) -> None:
    """Add a constraint that holds for new rows at once, then check the old ones, while others write."""
    if not has_constraint(table, name):
        step(f"ALTER TABLE {quoted(table)} ADD CONSTRAINT {quoted(name)} {definition} NOT VALID")
    step(f"ALTER TABLE {quoted(table)} VALIDATE CONSTRAINT {quoted(name)}")


def drop_constraint(table: str, name: str) -> None:
    step(f"ALTER TABLE {quoted(table)} DROP CONSTRAINT IF EXISTS {quoted(name)}")


def has_constraint(table: str, name: str) -> bool:
    return ask(
        "SELECT true FROM pg_constraint WHERE conrelid = to_regclass(%s) AND conname = %s",
        quoted(table),
        name,
    )


def batches(table: str, size: int) -> Iterator[tuple[int, int]]:
    """The ids of `table` as ranges (after, up to and including) of at most `size` rows each.

    What is inserted meanwhile is left to the triggers that are there by then: running after the writers
    would never end.
    """
    bind, after = op.get_bind(), -(2**31)
    newest = bind.exec_driver_sql(f"SELECT max(id) FROM {quoted(table)}").scalar()
    rows = f"SELECT id FROM {quoted(table)} WHERE id > %s AND id <= %s ORDER BY id LIMIT %s"
    while newest is not None and after < newest:
        batch = bind.exec_driver_sql(f"SELECT max(id) FROM ({rows}) AS batch", (after, newest, size))
        last = batch.scalar() or newest
        yield after, last
        after = last


def _transaction(connection: Connection, statements: tuple[str, ...]) -> int:
    changed = 0
    connection.exec_driver_sql("BEGIN")
    try:
        for statement in statements:
            changed = connection.exec_driver_sql(statement).rowcount
    except BaseException:
        # What it says of a connection that is gone is not the reason.
        with suppress(SQLAlchemyError):
            connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")
    return changed


def _concurrently(statement: str) -> None:
    with outside_transaction() as connection:
        connection.exec_driver_sql(f"SET lock_timeout = '{BUILD_TIMEOUT}'")
        try:
            connection.exec_driver_sql(statement)
        finally:
            with suppress(SQLAlchemyError):
                connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_TIMEOUT}'")


def _exists(index: str) -> bool:
    return ask("SELECT to_regclass(%s) IS NOT NULL", quoted(index))


def _is_invalid(index: str) -> bool:
    return ask("SELECT NOT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", quoted(index))
