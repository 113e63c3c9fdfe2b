"""Brings a database to the newest revision: `python -m migrations.run` with DATABASE_URL set."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from migrations.errors import MigrationRefused
from migrations.preflight import require_calcoms_keys, require_migratable
from shared.connection import connection_arguments
from shared.database import driver_url
from shared.sqlstates import LOCK_NOT_AVAILABLE, UNIQUE_VIOLATION, sqlstate

FOLDER = Path(__file__).parent


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without an ini file; the connection is handed to env.py."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(database_url: str, revision: str = "head") -> None:
    """Upgrade the database at `database_url` (its owner's or migrator's) to `revision`.

    Raises MigrationRefused, before anything is changed, where that cannot end well.
    """
    with _engine(database_url).connect() as connection:
        config = alembic_config(connection)
        require_migratable(connection, ScriptDirectory.from_config(config))
        command.upgrade(config, revision)


def downgrade(database_url: str, revision: str) -> None:
    """Take the database back to `revision`; `base` leaves what was there before the first one.

    Raises MigrationRefused, before anything is changed, where Cal.com's own keys would not hold any more.
    """
    with _engine(database_url).connect() as connection:
        if revision == "base":
            require_calcoms_keys(connection)
        command.downgrade(alembic_config(connection), revision)


def current_revision(database_url: str) -> str | None:
    """The revision the database is at; None for one that was never migrated."""
    with _engine(database_url).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def connect(database_url: str) -> Connection:
    """A connection that waits for long statements; closing it closes all."""
    return _engine(database_url).connect()


def told(work: Callable[[str], str]) -> int:
    """Do `work` with DATABASE_URL and print what it says; the exit code. Whatever is wrong is one message."""
    try:
        print(work(os.environ["DATABASE_URL"]))
    except MigrationRefused as refused:
        print(refused, file=sys.stderr)
        return 2
    except (KeyError, ArgumentError):
        print("DATABASE_URL has to be postgresql://role:password@host:port/name", file=sys.stderr)
        return 2
    except SQLAlchemyError as error:
        print(_reason(error), file=sys.stderr)
        return 1
    return 0


def migrate(database_url: str) -> str:
    before = current_revision(database_url)
    upgrade(database_url)
    after = current_revision(database_url)
    if before == after:
        return f"Nothing to do: the database is at {after}."
    with connect(database_url) as connection:
        waiting = connection.execute(text('SELECT count(DISTINCT "bookingId") FROM "OccupancyConflict"'))
        return f"The database is at {after}.\n" + _of_conflicts(waiting.scalar() or 0)


def _of_conflicts(count: int) -> str:
    if count == 0:
        return "No booking to come overlaps another of its host."
    return (
        f'{count} bookings to come overlap another of their host; the table "OccupancyConflict" lists them.'
    )


def _reason(error: SQLAlchemyError) -> str:
    code, told = sqlstate(error), getattr(error, "orig", None)
    if code is None or told is None:
        return f"No conversation with the database: {told or 'it was cut'}. Run it again; what is done stays."
    if code == LOCK_NOT_AVAILABLE:
        return "Somebody holds a lock for long (see pg_stat_activity). Run it again; what is done stays."
    detail = f" {told.args[0].get('D', '')}" if code == UNIQUE_VIOLATION else ""
    return f"The database refused ({code}): {told.args[0]['M']}.{detail} Run it again once that is mended."


def _engine(database_url: str) -> Engine:
    # An index of a large table takes longer than any answer that a function would wait for.
    arguments = {**connection_arguments(database_url), "timeout": None}
    return create_engine(driver_url(database_url), connect_args=arguments, poolclass=NullPool)


if __name__ == "__main__":
    sys.exit(told(migrate))
