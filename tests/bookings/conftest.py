"""The staff of the school, and the hands of the clock."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.bookings.life import Staff
from tests.conftest import Load
from tests.functions import Api
from tests.schools import School


@pytest.fixture
def admin(load: Load, school: School) -> Iterator[Staff]:
    """The school's admin, through the real handler."""
    function = load("admin_api", UPLOADS_BUCKET="uploads")
    yield Staff(Api(function), school.admin_email)
    function.close()


@pytest.fixture
def at(api: Api, admin: Staff, monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Stops the clock of students and staff, which is read at the edge only."""

    def stop(now: datetime) -> None:
        class Stopped(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return now

        for function in (api.function, admin.api.function):
            for module in (function.module, *function.beside):
                if hasattr(module, "datetime"):
                    monkeypatch.setattr(module, "datetime", Stopped)

    return stop
