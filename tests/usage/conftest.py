from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from shared.database import connect_database
from tests.databases import TestDatabase


@pytest.fixture
def ops(database: TestDatabase) -> Iterator[Engine]:
    """The engine of the role that sees every school."""
    engine = connect_database(database.ops_url)
    yield engine
    engine.dispose()
