"""Who asks too often, from one source, is told to wait; everybody else is not."""

from datetime import UTC, datetime

import pytest

from shared.bookings import create_booking as use_case
from shared.bookings import move_own_booking
from shared.edge import holders, unlisted
from shared.workshops import join_waitlist
from tests.bookings import life
from tests.bookings.requests import lesson, next_monday
from tests.conftest import Clock
from tests.databases import TestDatabase
from tests.functions import Answer, Api
from tests.schools import School, make_school
from tests.workshops.workshop import make_workshop

MOST = 3


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    """So few that a test reaches them, and a clock that stands, so that no window ends meanwhile."""
    clock(datetime.now(UTC))
    monkeypatch.setattr(use_case, "MOST_FROM_ONE_SOURCE", MOST)
    monkeypatch.setattr(holders, "MOST_GUESSES", MOST)
    monkeypatch.setattr(unlisted, "MOST_UNLISTED", MOST)


def guess(api: Api, uid: str, **options: str) -> Answer:
    return api.get(f"/v1/bookings/{uid}", headers={"X-Manage-Token": "wrong"}, **options)


def book(api: Api, school: School, hour: int, **options: str) -> Answer:
    return api.post("/v1/bookings", lesson(school, next_monday(hour)), **options)


def test_whoever_guesses_on_is_told_to_wait(api: Api, school: School) -> None:
    uid = book(api, school, 9).json["uid"]
    codes = [guess(api, uid).code for _ in range(MOST + 2)]
    assert codes == ["booking_not_found"] * MOST + ["too_many_requests"] * 2
    assert guess(api, uid).headers["retry-after"] == "600"


def test_what_is_there_and_what_is_not_are_guessed_at_alike(api: Api, school: School) -> None:
    uid = book(api, school, 9).json["uid"]
    told = [guess(api, name).code for name in (uid, "0" * 32, uid, "0" * 32)]
    assert told == ["booking_not_found"] * MOST + ["too_many_requests"]


def test_the_holder_is_let_in_from_where_somebody_guessed(api: Api, school: School) -> None:
    made = book(api, school, 9).json
    for _ in range(MOST + 2):
        guess(api, made["uid"])
    token = {"X-Manage-Token": made["manageToken"]}
    assert api.get(f"/v1/bookings/{made['uid']}", headers=token).status == 200


def test_guesses_at_waiting_lists_count_too(api: Api, school: School) -> None:
    path, wrong = "/v1/waitlist-entries/1", {"X-Manage-Token": "wrong"}
    codes = [api.get(path, headers=wrong).code for _ in range(MOST + 1)]
    assert codes == ["waitlist_entry_not_found"] * MOST + ["too_many_requests"]


def test_bookings_from_one_source_are_limited_and_one_too_many_leaves_nothing(
    api: Api, school: School, database: TestDatabase
) -> None:
    answers = [book(api, school, hour) for hour in (9, 10, 11, 12)]
    assert [answer.status for answer in answers] == [201] * MOST + [429]
    assert answers[-1].code == "too_many_requests"
    assert database.value('SELECT count(*) FROM "Booking"') == MOST
    assert database.value('SELECT "bookingsCount" FROM "TenantUsage"') == MOST


def test_another_source_and_another_school_are_not_kept_waiting(
    api: Api, school: School, database: TestDatabase
) -> None:
    for hour in (9, 10, 11):
        book(api, school, hour)
    assert book(api, school, 12, source_ip="203.0.113.9").status == 201
    api.tenant = "lotus"
    assert book(api, make_school(database, "lotus"), 12).status == 201


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("203.0.113.1", "203.0.113.2", False),
    ],
)
def test_a_line_of_ipv6_is_one_source_whatever_address_it_takes(
    api: Api, school: School, one: str, other: str, same: bool
) -> None:
    for hour in (9, 10, 11):
        book(api, school, hour, source_ip=one)
    assert book(api, school, 12, source_ip=other).status == (429 if same else 201)


def test_one_too_many_on_a_waitlist_is_not_on_it(
    api: Api, school: School, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(join_waitlist, "MOST_FROM_ONE_SOURCE", MOST)
    workshop = make_workshop(school)
    workshop.add_session(1, seats=1)
    api.post("/v1/bookings", workshop.seat(who=0))
    told = [workshop.wait(api, who=number) for number in range(1, MOST + 2)]
    assert [answer.status for answer in told] == [201] * MOST + [429]
    assert told[-1].code == "too_many_requests"
    assert database.value('SELECT count(*) FROM "WaitlistEntry"') == MOST


def test_one_move_too_many_leaves_the_booking_where_it_is(
    api: Api, school: School, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(move_own_booking, "MOST_FROM_ONE_SOURCE", MOST)
    made = book(api, school, 9).json
    hours = [10, 11, 12, 13]
    for hour in hours[:-1]:
        made = life.move(api, made, next_monday(hour)).json
    refused = life.move(api, made, next_monday(hours[-1]))
    assert (refused.status, refused.code) == (429, "too_many_requests")
    assert life.row_of(database, made["uid"])["status"] == "accepted"
    assert database.value('SELECT count(*) FROM "Booking"') == 1 + MOST


def test_no_address_is_kept_of_who_asked(api: Api, school: School, database: TestDatabase) -> None:
    book(api, school, 9, source_ip="203.0.113.9")
    (row,) = database.rows('SELECT * FROM "RequestCount"')
    assert "203.0.113" not in str(row)


def ask(api: Api, school: School, email: str, hour: int = 9, **options: str) -> Answer:
    body = lesson(school, next_monday(hour))
    return api.post("/v1/bookings", {**body, "attendee": {**body["attendee"], "email": email}}, **options)


def test_whoever_tries_address_after_address_learns_of_no_more_of_them(api: Api, school: School) -> None:
    """At a time that is not offered, so that nothing is booked: who is listed is refused for that."""
    school.change("EventType", school.lesson_id, whitelistEnabled=True)
    school.allow("listed@example.com")
    night = 3
    assert ask(api, school, "listed@example.com", night).code == "slot_not_offered"
    codes = [ask(api, school, f"student{number}@example.com", night).code for number in range(MOST + 1)]
    assert codes == ["not_whitelisted"] * MOST + ["too_many_requests"]
    told = [ask(api, school, email, night) for email in ("listed@example.com", "nobody@example.com")]
    assert [(each.status, each.code) for each in told] == [(429, "too_many_requests")] * 2


def test_who_is_listed_books_from_where_somebody_tried(api: Api, school: School) -> None:
    school.change("EventType", school.lesson_id, whitelistEnabled=True)
    school.allow("listed@example.com")
    for number in range(MOST + 2):
        ask(api, school, f"student{number}@example.com")
    assert ask(api, school, "listed@example.com").status == 201
    assert ask(api, school, "nobody@example.com", source_ip="192.0.2.7").code == "not_whitelisted"


def test_addresses_that_are_tried_at_a_waiting_list_count_too(api: Api, school: School) -> None:
    workshop = make_workshop(school, seats=1)
    school.change("EventType", workshop.id, whitelistEnabled=True)
    codes = [workshop.wait(api, who=number).code for number in range(MOST + 1)]
    assert codes == ["not_whitelisted"] * MOST + ["too_many_requests"]
