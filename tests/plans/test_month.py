"""The plan's bookings of a month: who fills it, who is refused, and what does not count."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.workshops import book_seats
from shared.workshops.load_seats import load_seats
from tests.bookings.life import move
from tests.bookings.requests import lesson
from tests.bookings.test_booking_races import at_once
from tests.conftest import Clock, Load
from tests.databases import TestDatabase
from tests.functions import Answer, Api
from tests.invariants import broken_invariants
from tests.schools import School
from tests.workshops.test_workshop_races import loaded
from tests.workshops.workshop import FIRST, Workshop, accept, cancel, make_workshop

BOOKINGS = "/v1/bookings"
DECEMBER = datetime(2034, 12, 31, 23, 59, 59, tzinfo=UTC)
JANUARY = datetime(2035, 1, 1, tzinfo=UTC)
# The Monday before the workshops of the tests, at the teacher's.
MONDAY = FIRST - timedelta(days=1)


@pytest.fixture
def workshop(school: School) -> Workshop:
    """Ten seats of each of three sessions; nothing has been booked yet."""
    made = make_workshop(school)
    for number in (1, 2, 3):
        made.add_session(number, seats=10)
    return made


def allow(school: School, bookings: int | None) -> None:
    school.change("Tenant", school.id, maxBookingsPerMonth=bookings)


def counted(school: School) -> dict[tuple[int, int], int]:
    rows = school.database.rows(
        'SELECT year, month, "bookingsCount" AS n FROM "TenantUsage" WHERE "tenantId" = :t', t=school.id
    )
    return {(row["year"], row["month"]): row["n"] for row in rows}


def refused(answer: Answer) -> tuple[int, str, Any, Any]:
    return answer.status, answer.code, answer.json.get("used"), answer.json.get("allowed")


def test_a_full_month_tells_what_was_used_and_when_it_renews(api: Api, school: School, clock: Clock) -> None:
    allow(school, 1)
    clock(DECEMBER)
    assert api.post(BOOKINGS, lesson(school, MONDAY)).status == 201
    answer = api.post(BOOKINGS, lesson(school, MONDAY + timedelta(hours=1)))
    assert refused(answer) == (403, "plan_limit_reached", 1, 1)
    assert (answer.json["limit"], answer.json["renewsAt"]) == (
        "maxBookingsPerMonth",
        "2035-01-01T00:00:00+00:00",
    )


def test_a_second_later_the_next_month_has_its_own_count(api: Api, school: School, clock: Clock) -> None:
    allow(school, 1)
    clock(DECEMBER)
    api.post(BOOKINGS, lesson(school, MONDAY))
    clock(JANUARY)
    assert api.post(BOOKINGS, lesson(school, MONDAY + timedelta(hours=1))).status == 201
    assert counted(school) == {(2034, 12): 1, (2035, 1): 1}
    assert broken_invariants(school.database) == []


def test_a_series_fits_as_a_whole_or_not_at_all(api: Api, workshop: Workshop, clock: Clock) -> None:
    clock(DECEMBER)
    allow(workshop.school, 3)
    assert api.post(BOOKINGS, workshop.seat(1, who=1)).status == 201
    answer = api.post(BOOKINGS, workshop.series(who=2))
    assert refused(answer) == (403, "plan_limit_reached", 1, 3)
    allow(workshop.school, 4)
    assert api.post(BOOKINGS, workshop.series(who=2)).status == 201
    assert counted(workshop.school) == {(2034, 12): 4}
    assert broken_invariants(workshop.school.database) == []


def test_a_move_to_another_month_is_no_booking_more(api: Api, school: School, clock: Clock) -> None:
    allow(school, 1)
    clock(DECEMBER)
    made = api.post(BOOKINGS, lesson(school, MONDAY)).json
    clock(JANUARY)
    allow(school, 0)
    assert move(api, made, MONDAY + timedelta(days=28)).status == 201
    assert counted(school) == {(2034, 12): 1}
    assert broken_invariants(school.database) == []


def test_what_was_cancelled_stays_counted(api: Api, school: School, clock: Clock) -> None:
    allow(school, 1)
    clock(DECEMBER)
    cancel(api, api.post(BOOKINGS, lesson(school, MONDAY)).json)
    assert refused(api.post(BOOKINGS, lesson(school, MONDAY)))[0] == 403


def test_a_seat_that_is_offered_counts_once_and_accepting_it_does_not(
    api: Api, school: School, clock: Clock
) -> None:
    clock(DECEMBER)
    workshop = make_workshop(school)
    workshop.add_session(1, seats=1)
    made = api.post(BOOKINGS, workshop.seat(1)).json
    assert workshop.wait(api).status == 201
    allow(school, 2)
    cancel(api, made)
    assert counted(school) == {(2034, 12): 2}
    assert accept(api, workshop.booking_of_offer()).status == 200
    assert counted(school) == {(2034, 12): 2}
    assert broken_invariants(school.database) == []


def test_a_month_that_is_full_offers_nobody_a_seat(api: Api, school: School, clock: Clock) -> None:
    clock(DECEMBER)
    workshop = make_workshop(school)
    workshop.add_session(1, seats=1)
    made = api.post(BOOKINGS, workshop.seat(1)).json
    workshop.wait(api)
    allow(school, 1)
    cancel(api, made)
    assert (counted(school), workshop.entries()) == ({(2034, 12): 1}, ["WAITING"])


def write_after_everybody_has_looked_once(monkeypatch: pytest.MonkeyPatch, students: int) -> None:
    """Nobody writes before all have read; who is sent to look again does not wait."""
    together, of_thread = threading.Barrier(students, timeout=10), threading.local()

    def look_and_wait(*arguments: Any) -> Any:
        offer = load_seats(*arguments)
        if not getattr(of_thread, "has_looked", False):
            of_thread.has_looked = True
            together.wait()
        return offer

    monkeypatch.setattr(book_seats, "load_seats", look_and_wait)


@pytest.mark.race
def test_of_series_and_seats_at_once_the_plan_takes_what_fits_and_tells_the_others_how_full_it_is(
    load: Load, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    school = workshop.school
    allow(school, 7)
    write_after_everybody_has_looked_once(monkeypatch, 6)
    with loaded(load, 6) as students:
        answers = at_once(students, lambda n: workshop.series(who=n) if n % 2 else workshop.seat(1, who=n))
    seats = sum(3 if answer.json.get("seats") else 1 for answer in answers if answer.status == 201)
    (used,) = counted(school).values()
    assert seats == used <= 7
    lost = [refused(answer) for answer in answers if answer.status != 201]
    assert {each[:2] for each in lost} <= {(403, "plan_limit_reached")}
    assert all(told <= used for _, _, told, _ in lost)
    assert broken_invariants(school.database) == []


@pytest.fixture
def admin_api(load: Load) -> Iterator[Api]:
    function = load("admin_api", UPLOADS_BUCKET="uploads")
    yield Api(function)
    function.close()


RULE = {"frequency": "WEEKLY", "count": 2, "start": "2035-01-09T10:00"}


@pytest.mark.parametrize(("plan", "own"), [("LITE", None), ("PRO", '{"workshops": false}')])
def test_without_the_feature_no_sessions_are_made_and_those_that_are_there_stay(
    admin_api: Api, api: Api, school: School, database: TestDatabase, plan: str, own: str | None
) -> None:
    workshop = make_workshop(school)
    assert workshop.put_rule(admin_api, **RULE).status == 200
    school.change("Tenant", school.id, subscriptionPlan=plan, features=own)
    answer = workshop.put_rule(admin_api, **RULE | {"count": 4})
    assert (answer.status, answer.code) == (403, "plan_limit_reached")
    assert answer.json["limit"] == "features.workshops"
    assert database.value('SELECT count(*) FROM "WorkshopSession"') == 2
    assert api.post(BOOKINGS, workshop.seat(1)).status == 201
