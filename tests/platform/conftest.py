from collections.abc import Iterator

import pytest

from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Api
from tests.platform.root import Root, made_root


@pytest.fixture
def root(load: Load, database: TestDatabase) -> Iterator[Root]:
    """A super admin, through the real handler."""
    made_root(database)
    function = load("platform_api", OPS_DATABASE_URL=database.ops_url)
    yield Root(Api(function, tenant=None))
    function.close()
