from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from shared.database import connect_database
from tests.databases import TestDatabase


@pytest.fixture
def ops(database: TestDatabase) -> Iterator[Engine]:
    """A worker's connection, under the platform's own role."""
    engine = connect_database(database.ops_url)
    yield engine
    engine.dispose()


@pytest.fixture
def second_ops(database: TestDatabase) -> Iterator[Engine]:
    """Another worker's."""
    engine = connect_database(database.ops_url)
    yield engine
    engine.dispose()
