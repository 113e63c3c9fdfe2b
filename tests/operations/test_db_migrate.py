"""The function that migrates, on a database where nothing is yet."""

from collections.abc import Iterator

import pytest
from alembic.script import ScriptDirectory
from pydantic import ValidationError
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from local.postgres import PostgresServer
from migrations.run import alembic_config
from shared.database import driver_url
from tests.conftest import Load
from tests.databases import with_database
from tests.functions import LoadedFunction

NEWEST = ScriptDirectory.from_config(alembic_config()).get_current_head()


@pytest.fixture
def empty(postgres: PostgresServer) -> Iterator[str]:
    """The address of a database without a table."""
    engine = create_engine(driver_url(postgres.url), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE never_migrated")
        yield with_database(postgres.url, "never_migrated")
        connection.exec_driver_sql("DROP DATABASE never_migrated WITH (FORCE)")


@pytest.fixture
def migrate(load: Load, empty: str) -> LoadedFunction:
    return load("db_migrate", DATABASE_URL=empty)


@pytest.mark.parametrize("event", [{"action": "downgrade"}, {"action": None}, {"revision": "base"}])
def test_what_it_does_not_know_it_refuses_and_changes_nothing(
    migrate: LoadedFunction, event: dict[str, str | None]
) -> None:
    with pytest.raises(ValidationError):
        migrate(event)
    assert migrate({"action": "current"}) == {"from": None, "to": None}


def test_an_empty_database_is_brought_to_the_newest_revision_once(migrate: LoadedFunction) -> None:
    assert migrate({}) == {"from": None, "to": NEWEST}
    assert migrate({"action": "upgrade"}) == {"from": NEWEST, "to": NEWEST}
    assert migrate({"action": "current"}) == {"from": NEWEST, "to": NEWEST}
