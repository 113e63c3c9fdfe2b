"""Brings a database to the newest revision: `python -m migrations.run` with DATABASE_URL set."""

import os
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from shared.database import connection_arguments, driver_url

FOLDER = Path(__file__).parent


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without an ini file; the connection is handed to env.py."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(database_url: str, revision: str = "head") -> None:
    """Upgrade the database at `database_url` (its owner's or migrator's) to `revision`."""
    _run(database_url, command.upgrade, revision)


def downgrade(database_url: str, revision: str) -> None:
    """Take the database back to `revision`; `base` leaves what was there before the first one."""
    _run(database_url, command.downgrade, revision)


def current_revision(database_url: str) -> str | None:
    """The revision the database is at; None for one that was never migrated."""
    with _engine(database_url).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _run(database_url: str, step: object, revision: str) -> None:
    with _engine(database_url).connect() as connection:
        step(alembic_config(connection), revision)  # type: ignore[operator]  # command.upgrade | downgrade


def _engine(database_url: str) -> Engine:
    arguments = connection_arguments(make_url(database_url))
    return create_engine(driver_url(database_url), connect_args=arguments, poolclass=NullPool)


if __name__ == "__main__":
    upgrade(os.environ["DATABASE_URL"])
