"""Many at once for the last place that the plan has; and what happens without the guard."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import text

from shared.event_types import check_event_type
from shared.plans import check_plan
from shared.teachers import create_teacher
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Answer, Api
from tests.schools import make_school
from tests.staff.people import Person

MANY = 6


@pytest.fixture
def admins(load: Load, own_database: TestDatabase) -> Iterator[list[Person]]:
    school = make_school(own_database, "aurora")
    school.change("Tenant", school.id, maxTeachers=2, maxEventTypes=2)
    functions = [load("school_api", DATABASE_URL=own_database.app_url) for _ in range(MANY)]
    yield [Person(Api(function), school.admin_email) for function in functions]
    for function in functions:
        function.close()


@pytest.fixture(autouse=True)
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has asked the plan waits for the others to ask as well, as long as it takes to be overtaken."""
    asked = threading.Barrier(MANY)
    real = check_plan.require_room

    def ask_and_wait(*arguments: Any) -> None:
        real(*arguments)
        with suppress(threading.BrokenBarrierError):
            asked.wait(0.3)

    monkeypatch.setattr(create_teacher, "require_room", ask_and_wait)
    monkeypatch.setattr(check_event_type, "require_room", ask_and_wait)


def teacher(admin: Person, number: int) -> Answer:
    who = {"name": "Tess", "email": f"tess{number}@example.com", "timeZone": "UTC"}
    return admin.post("/teachers", who)


def event_type(admin: Person, number: int) -> Answer:
    what = {"title": f"Talk {number}", "slug": f"talk-{number}", "length": 30, "isPublished": True}
    return admin.post("/event-types", what)


def at_once(admins: list[Person], make: Callable[[Person, int], Answer]) -> list[int]:
    with ThreadPoolExecutor(MANY) as threads:
        return sorted(answer.status for answer in threads.map(make, admins, range(MANY)))


@pytest.mark.race
@pytest.mark.parametrize("make", [teacher, event_type])
def test_of_many_for_the_last_place_exactly_one_is_in(
    admins: list[Person], make: Callable[[Person, int], Answer]
) -> None:
    assert at_once(admins, make) == [201] + [403] * (MANY - 1)


@pytest.mark.race
@pytest.mark.parametrize("make", [teacher, event_type])
def test_without_the_lock_more_are_in(
    admins: list[Person], make: Callable[[Person, int], Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = text("SELECT CAST(:tenant AS int), CAST(:lock AS int)")
    monkeypatch.setattr(check_plan, "_LOCK", nothing)
    monkeypatch.setattr(check_event_type, "_LOCK", text("SELECT CAST(:tenant AS int)"))
    assert at_once(admins, make).count(201) > 1
