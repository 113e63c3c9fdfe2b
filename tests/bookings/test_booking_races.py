"""Many at once: one wins, the others are told so, and the database holds what it promises.

Each race has a twin that shows it does happen once the guard is taken away.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from shared.bookings import create_booking as use_case
from shared.slots.offer import load_offer
from tests.bookings.requests import MAI, lesson, next_monday
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Answer, Api
from tests.invariants import broken_invariants
from tests.schools import School, make_school

ROUNDS = 5


@pytest.fixture
def students(load: Load) -> Iterator[list[Api]]:
    """Ten students, each with a function of their own, as Lambda gives them."""
    functions = [load("booking_api") for _ in range(10)]
    yield [Api(function) for function in functions]
    for function in functions:
        function.close()


def at_once(students: list[Api], request: Callable[[int], dict[str, Any]]) -> list[Answer]:
    """Every student sends their request at the same moment; the n-th is `request(n)`."""
    together = threading.Barrier(len(students))

    def send(numbered: tuple[int, Api]) -> Answer:
        number, api = numbered
        together.wait(10)
        return api.post("/v1/bookings", request(number))

    with ThreadPoolExecutor(len(students)) as threads:
        return list(threads.map(send, enumerate(students)))


def same_slot(school: School, start: datetime, number: int) -> dict[str, Any]:
    return lesson(school, start, attendee=student(number))


def student(number: int) -> dict[str, Any]:
    return {**MAI, "email": f"student{number}@example.com"}


def act_after_everybody_has_looked(monkeypatch: pytest.MonkeyPatch, students: int) -> None:
    """Nobody writes before all have read: the worst moment, every time."""
    together = threading.Barrier(students, timeout=10)

    def look_and_wait(*arguments: Any) -> Any:
        offer = load_offer(*arguments)
        together.wait()
        return offer

    monkeypatch.setattr(use_case, "load_offer", look_and_wait)


def without_guard(database: TestDatabase, function: str, guard: str, instead: str) -> None:
    """Put a function of the database in place of itself, with one condition taken out."""
    guarded = database.value(
        "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = :name", name=function
    )
    unguarded = guarded.replace(guard, instead)
    assert unguarded != guarded
    with database.owner.connect() as connection:
        connection.exec_driver_sql(unguarded)


def won_and_lost(answers: list[Answer]) -> tuple[int, set[str]]:
    lost = [answer for answer in answers if answer.status != 201]
    assert all(answer.status == 409 for answer in lost), lost
    return len(answers) - len(lost), {answer.code for answer in lost}


@pytest.mark.race
def test_of_ten_who_want_one_slot_exactly_one_has_it(
    students: list[Api], school: School, database: TestDatabase
) -> None:
    for round_number in range(ROUNDS):
        start = next_monday(9) + timedelta(minutes=30 * round_number)
        answers = at_once(students, partial(same_slot, school, start))
        assert won_and_lost(answers) == (1, {"slot_taken"})
    assert database.value('SELECT count(*) FROM "Booking"') == ROUNDS
    assert broken_invariants(database) == []


@pytest.mark.race
def test_of_ten_overlapping_slots_of_other_lengths_no_two_are_booked(
    students: list[Api], school: School, database: TestDatabase
) -> None:
    school.change("EventType", school.lesson_id, slotInterval=10)
    longer = school.add_event_type("longer", length=90, slotInterval=10)
    kinds = (school.lesson_id, longer)

    def overlapping(number: int) -> dict[str, Any]:
        start = next_monday(9) + timedelta(minutes=10 * (number % 3))
        return lesson(school, start, eventTypeId=kinds[number % 2], attendee=student(number))

    won, codes = won_and_lost(at_once(students, overlapping))
    assert (won, codes) == (1, {"slot_taken"})
    assert broken_invariants(database) == []


@pytest.mark.race
def test_of_ten_requests_for_one_time_one_waits_and_its_hold_keeps_the_time(
    students: list[Api], school: School, database: TestDatabase
) -> None:
    asking = school.add_event_type("trial", requiresConfirmation=True)
    answers = at_once(
        students, lambda n: lesson(school, next_monday(9), eventTypeId=asking, attendee=student(n))
    )
    assert won_and_lost(answers) == (1, {"slot_taken"})
    assert [answer.json["status"] for answer in answers if answer.status == 201] == ["pending"]
    answers = at_once(students, partial(same_slot, school, next_monday(9)))
    assert won_and_lost(answers) == (0, {"slot_taken"})
    assert broken_invariants(database) == []


@pytest.mark.race
def test_any_of_three_teachers_means_exactly_three_of_ten_are_served(
    students: list[Api], school: School, database: TestDatabase
) -> None:
    school.add_teacher()
    school.add_teacher()
    answers = at_once(students, lambda n: lesson(school, next_monday(9), attendee=student(n)))
    assert won_and_lost(answers) == (3, {"slot_taken"})
    assert broken_invariants(database) == []


@pytest.mark.race
def test_a_plan_for_four_more_bookings_lets_exactly_four_of_ten_through(
    students: list[Api], school: School, database: TestDatabase
) -> None:
    school.change("Tenant", school.id, maxBookingsPerMonth=4)
    answers = at_once(
        students, lambda n: lesson(school, next_monday(9) + timedelta(minutes=30 * n), attendee=student(n))
    )
    assert sorted(answer.status for answer in answers) == [201] * 4 + [403] * 6
    assert {answer.code for answer in answers if answer.status == 403} == {"plan_limit_reached"}
    assert database.value('SELECT count(*) FROM "Booking"') == 4
    assert broken_invariants(database) == []


@pytest.mark.race
def test_what_one_school_books_is_no_matter_to_another(
    students: list[Api], school: School, database: TestDatabase
) -> None:
    schools = [school, *(make_school(database, f"school{number}") for number in range(9))]
    for api, own in zip(students, schools, strict=True):
        api.tenant = own.subdomain
    answers = at_once(students, lambda n: lesson(schools[n], next_monday(9)))
    assert [answer.status for answer in answers] == [201] * 10
    assert broken_invariants(database) == []


def test_without_the_constraint_the_same_slot_is_sold_more_than_once(
    load: Load, own_database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: what `occupancy_one_place_at_a_time` holds back does happen."""
    own_database.rows('ALTER TABLE "TeacherOccupancy" DROP CONSTRAINT occupancy_one_place_at_a_time')
    school = make_school(own_database, "aurora")
    functions = [load("booking_api", DATABASE_URL=own_database.app_url) for _ in range(4)]
    act_after_everybody_has_looked(monkeypatch, len(functions))
    answers = at_once(
        [Api(function) for function in functions],
        lambda n: lesson(school, next_monday(9), attendee=student(n)),
    )
    assert [answer.status for answer in answers] == [201] * 4
    assert "nobody is in two places" in broken_invariants(own_database)
    for function in functions:
        function.close()


def test_without_the_counters_condition_a_plan_is_overrun(
    load: Load, own_database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: the first look alone does not keep a plan's limit."""
    without_guard(own_database, "book_lesson", 'u."bookingsCount" < allowed', "true")
    school = make_school(own_database, "aurora")
    school.change("Tenant", school.id, maxBookingsPerMonth=1)
    functions = [load("booking_api", DATABASE_URL=own_database.app_url) for _ in range(4)]
    act_after_everybody_has_looked(monkeypatch, len(functions))
    answers = at_once(
        [Api(function) for function in functions],
        lambda n: lesson(school, next_monday(9) + timedelta(minutes=30 * n), attendee=student(n)),
    )
    assert [answer.status for answer in answers] == [201] * 4
    for function in functions:
        function.close()
