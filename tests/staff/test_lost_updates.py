"""Many who saw the same change it at once: one does, the others are told; and what the lock is for."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from shared.changes import merged
from shared.event_types import change_event_type
from shared.event_types.staff_queries import get_event_type_of_staff
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Api
from tests.schools import make_school
from tests.staff.people import Person

MANY = 4


@pytest.fixture
def statuses(load: Load, own_database: TestDatabase) -> Iterator[Any]:
    """Everybody gives the lesson another title, each by the ETag that all have seen."""
    school = make_school(own_database, "aurora")
    functions = [load("school_api", DATABASE_URL=own_database.app_url) for _ in range(MANY)]
    admins = [Person(Api(function), school.admin_email) for function in functions]
    path = f"/event-types/{school.lesson_id}"
    seen = admins[0].get(path).headers["etag"]

    def at_once() -> list[int]:
        with ThreadPoolExecutor(MANY) as threads:
            told = threads.map(
                lambda n: admins[n].patch(path, {"title": f"Talk {n}"}, match=seen), range(MANY)
            )
            return sorted(answer.status for answer in told)

    yield at_once
    for function in functions:
        function.close()


@pytest.fixture(autouse=True)
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has compared waits for the others to compare as well, as long as it takes to be overtaken."""
    compared, real = threading.Barrier(MANY), merged

    def wait_and_merge(*arguments: Any) -> Any:
        with suppress(threading.BrokenBarrierError):
            compared.wait(0.3)
        return real(*arguments)

    monkeypatch.setattr(change_event_type, "merged", wait_and_merge)


@pytest.mark.race
def test_of_many_who_change_what_all_saw_one_does(statuses: Any) -> None:
    assert statuses() == [200] + [412] * (MANY - 1)


@pytest.mark.race
def test_without_the_lock_changes_are_lost(statuses: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_event_type, "lock_event_type", get_event_type_of_staff)
    assert statuses().count(200) > 1
