from collections.abc import Iterator

import pytest

from local.fakes.immersio import immersio_app
from local.web import serving
from tests.databases import TestDatabase
from tests.immersio.connected import connect
from tests.immersio.fake_school import FakeSchool
from tests.schools import School


@pytest.fixture
def immersio_url() -> Iterator[str]:
    with serving(immersio_app(), threads=4) as url:
        yield url


@pytest.fixture
def there(immersio_url: str) -> FakeSchool:
    """The school `aurora` at Immersio, with keys and without courses."""
    fake = FakeSchool(immersio_url, "key-aurora", "secret-aurora")
    fake.register()
    return fake


@pytest.fixture
def connected(school: School, there: FakeSchool, database: TestDatabase) -> School:
    """The school `aurora` here, connected to it; its keys are not sealed."""
    connect(school, there, key=there.api_key, secret=there.api_secret)
    return school
