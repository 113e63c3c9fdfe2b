"""A school with a workshop, and those who ask for its seats."""

from collections.abc import Iterator

import pytest

from tests.conftest import Load
from tests.functions import Api
from tests.schools import School
from tests.workshops.workshop import Workshop, make_workshop


@pytest.fixture
def admin_api(load: Load) -> Iterator[Api]:
    """What the staff calls, through the real handler."""
    function = load("admin_api", UPLOADS_BUCKET="uploads")
    yield Api(function)
    function.close()


@pytest.fixture
def workshop(school: School) -> Workshop:
    """A free workshop of three seats, taught by the school's teacher in New York, without sessions yet."""
    return make_workshop(school)
