from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import NullPool

from local.postgres import PostgresServer
from shared.database import driver_url
from tests.databases import TestDatabase
from tests.isolation.attempts import sandbox
from tests.isolation.fill_school import fill_school


@dataclass(frozen=True)
class Filled:
    """A database in which two schools have a row in every table; nobody may leave anything in it."""

    database: TestDatabase
    engine: Engine
    aurora: int
    lotus: int


@pytest.fixture(scope="session")
def filled(postgres: PostgresServer) -> Iterator[Filled]:
    with TestDatabase.copy_of_template(postgres.url) as database:
        engine = create_engine(driver_url(database.owner_url), poolclass=NullPool)
        with engine.begin() as connection:
            aurora, lotus = fill_school(connection, "aurora"), fill_school(connection, "lotus")
        yield Filled(database, engine, aurora, lotus)


@pytest.fixture
def connection(filled: Filled) -> Iterator[Connection]:
    """The owner's, in a transaction that leaves nothing."""
    with sandbox(filled.engine) as made:
        yield made
