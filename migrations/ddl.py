"""Statements that several revisions write: safe on a live database, repeatable after a failure."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import op


def quoted(name: str) -> str:
    """`name` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def table_exists(table: str) -> bool:
    """Whether the database has `table` in its search path."""
    found = op.get_bind().exec_driver_sql("SELECT to_regclass(%s)", (quoted(table),)).scalar()
    return found is not None


@contextmanager
def outside_transaction() -> Iterator[None]:
    """Statements that commit one by one; what the revision did before is committed first.

    Alembic asks for the isolation level on the way, and pg8000 opens a transaction for the question,
    which would still be open.
    """
    with op.get_context().autocommit_block():
        raw = op.get_bind().connection.dbapi_connection
        if raw is not None:
            raw.rollback()
        yield


def create_index(name: str, table: str, columns: str, *, unique: bool = False, where: str = "") -> None:
    """Build an index without locking out writers.

    A build that was interrupted leaves an invalid index of the same name, which is dropped first.
    """
    condition = f" WHERE {where}" if where else ""
    with outside_transaction():
        if _is_invalid(name):
            op.execute(f"DROP INDEX CONCURRENTLY {quoted(name)}")
        op.execute(
            f"CREATE {'UNIQUE ' if unique else ''}INDEX CONCURRENTLY IF NOT EXISTS {quoted(name)} "
            f"ON {quoted(table)} ({columns}){condition}"
        )


def drop_index(name: str) -> None:
    """Drop an index without locking out writers."""
    with outside_transaction():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {quoted(name)}")


def add_checked(table: str, name: str, definition: str) -> None:
    """Add a constraint that holds for new rows at once; `validate` looks at the old ones."""
    op.execute(f"ALTER TABLE {quoted(table)} ADD CONSTRAINT {quoted(name)} {definition} NOT VALID")


def validate(table: str, name: str) -> None:
    """Check the old rows against a constraint, under a lock that lets readers and writers go on."""
    op.execute(f"ALTER TABLE {quoted(table)} VALIDATE CONSTRAINT {quoted(name)}")


def drop_constraint(table: str, name: str) -> None:
    op.execute(f"ALTER TABLE {quoted(table)} DROP CONSTRAINT IF EXISTS {quoted(name)}")


def _is_invalid(index: str) -> bool:
    found = op.get_bind().exec_driver_sql(
        "SELECT NOT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", (quoted(index),)
    )
    return bool(found.scalar())
