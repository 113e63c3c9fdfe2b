"""The staff of the school, through the real handler."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.conftest import Load
from tests.functions import Api, together
from tests.schools import School
from tests.staff.people import Person


@pytest.fixture
def admin_api(load: Load) -> Iterator[Api]:
    """What the staff calls."""
    functions = together(admin_api=load("admin_api", UPLOADS_BUCKET="uploads"), school_api=load("school_api"))
    yield Api(functions)
    functions.close()


@pytest.fixture
def admin(admin_api: Api, school: School) -> Person:
    return Person(admin_api, school.admin_email)


@pytest.fixture
def teacher(admin_api: Api, school: School) -> Person:
    return Person(admin_api, "teacher1@aurora.test")


@pytest.fixture
def at(api: Api, admin_api: Api, monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Stops the clock of students and staff, which is read at the edge only."""

    def stop(now: datetime) -> None:
        class Stopped(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return now

        for function in (api.function, admin_api.function):
            for module in (function.module, *function.beside):
                if hasattr(module, "datetime"):
                    monkeypatch.setattr(module, "datetime", Stopped)

    return stop
