"""How many bookings to come one address may have of an event type."""

import pytest

from tests.bookings.life import cancel
from tests.bookings.requests import MAI, lesson, next_monday
from tests.bookings.test_booking_races import act_after_everybody_has_looked, at_once, without_guard
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Answer, Api
from tests.invariants import broken_invariants
from tests.schools import School, make_school


def book(api: Api, school: School, hour: int, email: str = MAI["email"]) -> Answer:
    return api.post("/v1/bookings", lesson(school, next_monday(hour), attendee={**MAI, "email": email}))


def test_one_more_than_allowed_is_refused(api: Api, school: School) -> None:
    school.change("EventType", school.lesson_id, maxActiveBookingsPerBooker=2)
    answers = [book(api, school, hour) for hour in (9, 10, 11)]
    assert [answer.status for answer in answers] == [201, 201, 409]
    assert (answers[-1].code, answers[-1].json["allowed"]) == ("booker_limit_reached", 2)


def test_another_address_has_its_own_count(api: Api, school: School) -> None:
    school.change("EventType", school.lesson_id, maxActiveBookingsPerBooker=1)
    assert book(api, school, 9).status == 201
    assert book(api, school, 10, "linh@example.com").status == 201


def test_another_event_type_is_counted_by_itself(api: Api, school: School) -> None:
    school.change("EventType", school.lesson_id, maxActiveBookingsPerBooker=1)
    other = school.add_event_type("grammar", maxActiveBookingsPerBooker=1)
    assert book(api, school, 9).status == 201
    assert api.post("/v1/bookings", lesson(school, next_monday(10), eventTypeId=other)).status == 201


def test_what_was_cancelled_makes_room(api: Api, school: School) -> None:
    school.change("EventType", school.lesson_id, maxActiveBookingsPerBooker=1)
    made = book(api, school, 9).json
    assert cancel(api, made).status == 200
    assert book(api, school, 10).status == 201


def test_what_is_over_does_not_count(api: Api, school: School, database: TestDatabase) -> None:
    school.change("EventType", school.lesson_id, maxActiveBookingsPerBooker=1)
    book(api, school, 9)
    database.rows("""UPDATE "Booking" SET "startTime" = '2020-01-06 09:00', "endTime" = '2020-01-06 09:30'""")
    assert book(api, school, 10).status == 201


@pytest.fixture
def ten(load: Load, own_database: TestDatabase) -> list[Api]:
    return [Api(load("booking_api", DATABASE_URL=own_database.app_url)) for _ in range(10)]


def of_ten_at_once(ten: list[Api], database: TestDatabase) -> list[int]:
    """The statuses of ten different lessons that one address asks for at the same moment."""
    school = make_school(database, "aurora", start="00:00", end="23:59")
    school.change("EventType", school.lesson_id, maxActiveBookingsPerBooker=3)
    answers = at_once(ten, lambda number: lesson(school, next_monday(9 + number)))
    for api in ten:
        api.function.close()
    return sorted(answer.status for answer in answers)


@pytest.mark.race
def test_of_ten_at_once_as_many_are_in_as_may(ten: list[Api], own_database: TestDatabase) -> None:
    assert of_ten_at_once(ten, own_database) == [201] * 3 + [409] * 7
    assert broken_invariants(own_database) == []


def test_without_the_second_count_all_are_in(
    ten: list[Api], own_database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: the look alone does not keep the limit."""
    without_guard(own_database, "book_lesson", ">= most_active", ">= most_active + 7")
    act_after_everybody_has_looked(monkeypatch, len(ten))
    assert of_ten_at_once(ten, own_database) == [201] * 10
