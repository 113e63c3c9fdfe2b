"""Databases as Cal.com leaves them, and as they are once adopted."""

from collections.abc import Iterator

import pytest

from local.postgres import PostgresServer
from migrations.run import upgrade
from tests.adoption.calcom import ADOPTED, CALCOM, build, copy_of, engine, execute
from tests.databases import TestDatabase, with_database


@pytest.fixture(scope="session")
def calcom_server(postgres: PostgresServer) -> PostgresServer:
    """The worker's server, with a Cal.com that was worked with, and an adopted one, to copy."""
    execute(postgres.url, f"CREATE DATABASE {CALCOM}")
    with engine(with_database(postgres.url, CALCOM)).connect() as connection:
        build(connection)
    execute(postgres.url, f"CREATE DATABASE {ADOPTED} TEMPLATE {CALCOM}")
    upgrade(with_database(postgres.url, ADOPTED))
    return postgres


@pytest.fixture
def calcom(calcom_server: PostgresServer) -> Iterator[TestDatabase]:
    """A live Cal.com database that never saw a migration."""
    with copy_of(calcom_server, CALCOM) as made:
        yield made


@pytest.fixture
def adopted(calcom_server: PostgresServer) -> Iterator[TestDatabase]:
    """The same, adopted."""
    with copy_of(calcom_server, ADOPTED) as made:
        yield made


@pytest.fixture
def empty(calcom_server: PostgresServer) -> Iterator[TestDatabase]:
    """A database without a table."""
    with copy_of(calcom_server, None) as made:
        yield made
