"""Many at once for what a teacher's day still holds; and what happens without each guard."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.bookings.requests import lesson, next_monday
from tests.bookings.test_booking_races import (
    act_after_everybody_has_looked,
    at_once,
    student,
    without_guard,
    won_and_lost,
)
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Answer, Api
from tests.invariants import broken_invariants
from tests.schools import School, make_school


@pytest.fixture
def eight(load: Load, own_database: TestDatabase) -> Iterator[list[Api]]:
    functions = [load("booking_api", DATABASE_URL=own_database.app_url) for _ in range(8)]
    yield [Api(function) for function in functions]
    for function in functions:
        function.close()


@pytest.fixture
def limited(own_database: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> School:
    """One lesson a day of each teacher; nobody writes before all eight have looked."""
    act_after_everybody_has_looked(monkeypatch, 8)
    school = make_school(own_database, "aurora")
    school.change("EventType", school.lesson_id, bookingLimits='{"PER_DAY": 1}')
    return school


def times_of_one_day(students: list[Api], school: School) -> list[Answer]:
    """Each wants another hour of Monday, so no two want the same place."""
    return at_once(
        students, lambda n: lesson(school, next_monday(9) + timedelta(hours=n), attendee=student(n))
    )


def linger_over_the_count(database: TestDatabase) -> None:
    """What was counted is old when it is used, unless everybody else waits meanwhile."""
    without_guard(
        database, "is_period_full", "RETURN EXISTS", "RETURN (SELECT pg_sleep(0.2)) IS NOT NULL AND EXISTS"
    )


@pytest.mark.race
def test_of_eight_for_a_day_with_room_for_one_exactly_one_is_in(
    eight: list[Api], limited: School, own_database: TestDatabase
) -> None:
    linger_over_the_count(own_database)
    assert won_and_lost(times_of_one_day(eight, limited)) == (1, {"slot_taken"})
    assert broken_invariants(own_database) == []


@pytest.mark.race
def test_of_eight_for_two_teachers_with_room_for_one_each_exactly_two_are_in(
    eight: list[Api], limited: School, own_database: TestDatabase
) -> None:
    second = limited.add_teacher()
    answers = times_of_one_day(eight, limited)
    assert won_and_lost(answers) == (2, {"slot_taken"})
    taught = {answer.json["teacher"]["id"] for answer in answers if answer.status == 201}
    assert taught == {limited.teacher_id, second}
    assert broken_invariants(own_database) == []


@pytest.mark.race
def test_of_eight_for_the_last_hour_of_a_day_two_half_hours_are_in(
    eight: list[Api], limited: School, own_database: TestDatabase
) -> None:
    limited.change(
        "EventType", limited.lesson_id, bookingLimits='{"PER_DAY": 8}', durationLimits='{"PER_DAY": 60}'
    )
    assert won_and_lost(times_of_one_day(eight, limited)) == (2, {"slot_taken"})
    assert broken_invariants(own_database) == []


def test_without_the_second_count_the_day_is_overrun(
    eight: list[Api], limited: School, own_database: TestDatabase
) -> None:
    """The twin: the first look alone does not keep the limit."""
    without_guard(own_database, "is_period_full", "found.made >= l.bookings", "false")
    assert won_and_lost(times_of_one_day(eight, limited)) == (8, set())


def test_without_the_teachers_lock_the_day_is_overrun(
    eight: list[Api], limited: School, own_database: TestDatabase
) -> None:
    """The other twin: to count again is not enough while others count too."""
    linger_over_the_count(own_database)
    without_guard(own_database, "book_lesson", "pg_advisory_xact_lock(of_tenant, one)", "one")
    assert won_and_lost(times_of_one_day(eight, limited))[0] > 1
