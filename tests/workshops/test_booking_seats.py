"""A student takes seats of a workshop."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.database import round_trips
from tests.functions import Answer, Api
from tests.invariants import broken_invariants
from tests.schools import School, make_school
from tests.workshops.workshop import FIRST, Workshop, cancel, make_workshop, student

BOOKINGS = "/v1/bookings"


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.code


def count(school: School, table: str) -> int:
    return int(school.database.value(f'SELECT count(*) FROM "{table}"'))


@pytest.mark.parametrize(
    "named",
    [
        {"sessionNumber": 1, "series": "all"},
        {"sessionNumber": 1, "start": "2035-01-09T10:00:00-05:00"},
        {"sessionNumber": 1, "teacherId": 1},
        {"sessionNumber": 0},
        {"sessionNumber": "1"},
        {"sessionNumber": 1.5},
        {"series": "some"},
    ],
)
def test_a_booking_names_one_session_or_a_series(api: Api, workshop: Workshop, named: dict[str, Any]) -> None:
    asked = {"eventTypeId": workshop.id, "attendee": student(0), **named}
    assert refused(api.post(BOOKINGS, asked)) == (422, "invalid_request")


def test_a_booking_that_names_nothing_is_told_what_a_lesson_needs(api: Api, workshop: Workshop) -> None:
    answer = api.post(BOOKINGS, {"eventTypeId": workshop.id, "attendee": student(0)})
    assert [error["pointer"] for error in answer.json["errors"]] == ["/start"]


def test_a_session_that_is_not_there_has_no_seats(api: Api, workshop: Workshop) -> None:
    workshop.add_session(1)
    assert refused(api.post(BOOKINGS, workshop.seat(2))) == (404, "session_not_found")
    assert refused(api.post(BOOKINGS, {**workshop.seat(1), "eventTypeId": 2_000_000})) == (
        404,
        "event_type_not_found",
    )


def test_another_schools_session_is_like_none(api: Api, school: School) -> None:
    theirs = make_workshop(make_school(school.database, "lotus"))
    theirs.add_session(1)
    assert refused(api.post(BOOKINGS, theirs.seat(1))) == (404, "event_type_not_found")


def test_a_lesson_has_no_sessions(api: Api, school: School) -> None:
    asked = {"eventTypeId": school.lesson_id, "sessionNumber": 1, "attendee": student(0)}
    assert refused(api.post(BOOKINGS, asked)) == (409, "not_a_workshop")


def test_a_workshop_that_costs_money_is_not_booked_where_none_is_taken(api: Api, workshop: Workshop) -> None:
    workshop.add_session(1)
    workshop.school.change("EventType", workshop.id, workshopPrice=15)
    answer = api.post(BOOKINGS, workshop.seat(1))
    assert refused(answer) == (409, "payments_not_set_up")
    assert answer.json["reason"] == "no_key"


def test_a_session_that_is_cancelled_or_too_near_takes_nobody(api: Api, workshop: Workshop) -> None:
    session = workshop.add_session(1)
    soon = datetime.now(FIRST.tzinfo).replace(microsecond=0) + timedelta(minutes=90)
    workshop.add_session(2, start=soon)
    workshop.add_session(3, start=soon - timedelta(days=1))
    workshop.school.change("WorkshopSession", session, cancelledAt="2030-01-01")
    workshop.school.change("EventType", workshop.id, minimumBookingNotice=120)
    answers = [api.post(BOOKINGS, workshop.seat(number)) for number in (1, 2, 3)]
    assert [refused(answer) for answer in answers] == [(409, "session_closed")] * 3
    assert [answer.json["reason"] for answer in answers] == ["cancelled", "too_late", "too_late"]
    assert refused(api.post(BOOKINGS, workshop.series())) == (404, "session_not_found")


def test_an_address_that_is_not_on_the_list_gets_no_seat(api: Api, workshop: Workshop) -> None:
    workshop.add_session(1)
    workshop.school.change("EventType", workshop.id, whitelistEnabled=True)
    workshop.school.allow("student1@example.com", workshop.id)
    assert refused(api.post(BOOKINGS, workshop.seat(1))) == (403, "not_whitelisted")
    assert api.post(BOOKINGS, workshop.seat(1, who=1)).status == 201


def test_a_full_session_is_refused_with_its_number(api: Api, workshop: Workshop) -> None:
    workshop.add_session(1, seats=1)
    api.post(BOOKINGS, workshop.seat(1))
    answer = api.post(BOOKINGS, workshop.seat(1, who=1))
    assert refused(answer) == (409, "session_full")
    assert answer.json["sessions"] == [1]


def test_an_address_has_one_seat_of_a_session(api: Api, workshop: Workshop) -> None:
    workshop.add_session(1)
    first = api.post(BOOKINGS, workshop.seat(1)).json
    assert refused(api.post(BOOKINGS, workshop.seat(1))) == (409, "already_booked")
    cancel(api, first)
    assert api.post(BOOKINGS, workshop.seat(1)).status == 201


def test_each_seat_of_a_series_counts_against_the_plan(api: Api, workshop: Workshop) -> None:
    for number in (1, 2, 3):
        workshop.add_session(number)
    workshop.school.change("Tenant", workshop.school.id, maxBookingsPerMonth=2)
    assert refused(api.post(BOOKINGS, workshop.series())) == (403, "plan_limit_reached")
    assert count(workshop.school, "Booking") == 0
    assert api.post(BOOKINGS, workshop.seat(1)).status == 201
    assert broken_invariants(workshop.school.database) == []


def test_a_seat_is_booked(api: Api, workshop: Workshop) -> None:
    workshop.add_session(1)
    workshop.school.change("EventType", workshop.id, refundWindowHours=24)
    answer = api.post(BOOKINGS, workshop.seat(1, notes="Window seat, please."))
    told = answer.json
    assert answer.status == 201
    assert (told["status"], told["sessionNumber"]) == ("accepted", 1)
    assert told["start"] == "2035-01-09T22:00:00+07:00"
    assert "seats" not in told
    assert answer.headers["location"] == f"/v1/bookings/{told['uid']}"
    (row,) = workshop.school.database.rows(
        """SELECT "userId", description, "startTime"::text AS start, "endTime"::text AS end, "iCalUID", uid,
                  "refundableUntil"::text AS refundable, "holdExpiresAt" AS hold, "recurringEventId" AS series
           FROM "Booking" """
    )
    assert row == {
        "userId": workshop.school.teacher_id,
        "description": "Window seat, please.",
        "start": "2035-01-09 15:00:00",
        "end": "2035-01-09 16:30:00",
        "iCalUID": told["uid"],
        "uid": told["uid"],
        "refundable": "2035-01-08 15:00:00",
        "hold": None,
        "series": None,
    }
    assert workshop.taken() == {1: 1}
    assert [payload.get("to") for payload in workshop.topics("booking.created")] == [None, "teacher"]
    assert broken_invariants(workshop.school.database) == []


def test_a_seat_that_the_school_confirms_is_held_until_the_session_begins(
    api: Api, workshop: Workshop
) -> None:
    workshop.add_session(1, seats=1)
    workshop.school.change("EventType", workshop.id, requiresConfirmation=True)
    assert api.post(BOOKINGS, workshop.seat(1)).json["status"] == "pending"
    held = workshop.school.database.value('SELECT "holdExpiresAt"::text FROM "Booking"')
    assert held == "2035-01-09 15:00:00"
    assert refused(api.post(BOOKINGS, workshop.seat(1, who=1))) == (409, "session_full")


def test_a_session_without_a_limit_takes_everybody(api: Api, workshop: Workshop) -> None:
    workshop.add_session(1, seats=None)
    assert [api.post(BOOKINGS, workshop.seat(1, who=who)).status for who in range(4)] == [201] * 4


def test_a_whole_series_or_nothing(api: Api, workshop: Workshop) -> None:
    for number, seats in ((1, 3), (2, 1), (3, 3)):
        workshop.add_session(number, seats=seats)
    api.post(BOOKINGS, workshop.seat(2))
    answer = api.post(BOOKINGS, workshop.series(who=1))
    assert refused(answer) == (409, "session_full")
    assert answer.json["sessions"] == [2]
    assert workshop.taken() == {1: 0, 2: 1, 3: 0}


def test_a_series_is_every_session_to_come(api: Api, workshop: Workshop) -> None:
    workshop.add_session(9, start=FIRST - timedelta(days=7000))
    workshop.school.change("WorkshopSession", workshop.add_session(4), cancelledAt="2030-01-01")
    for number in (1, 2, 3):
        workshop.add_session(number)
    told = api.post(BOOKINGS, workshop.series()).json
    assert [seat["sessionNumber"] for seat in told["seats"]] == [1, 2, 3]
    assert told["uid"] == told["seats"][0]["uid"]
    assert len({seat["manageToken"] for seat in told["seats"]}) == 3
    series = workshop.school.database.rows('SELECT DISTINCT "recurringEventId" AS id FROM "Booking"')
    assert len(series) == 1
    bookings = [
        row["id"] for row in workshop.school.database.rows('SELECT id FROM "Booking" ORDER BY "startTime"')
    ]
    assert workshop.topics("booking.created") == [
        {"bookingIds": bookings},
        {"bookingIds": bookings, "to": "teacher"},
    ]
    assert broken_invariants(workshop.school.database) == []


def test_each_seat_of_a_series_is_managed_by_its_own_token(api: Api, workshop: Workshop) -> None:
    for number in (1, 2):
        workshop.add_session(number)
    first, second = api.post(BOOKINGS, workshop.series()).json["seats"]
    assert cancel(api, {**first, "manageToken": second["manageToken"]}).status == 404
    assert cancel(api, first).json["status"] == "cancelled"
    assert workshop.taken() == {1: 0, 2: 1}
    assert broken_invariants(workshop.school.database) == []


def test_what_is_left_of_a_series_can_be_booked(api: Api, workshop: Workshop) -> None:
    for number, seats in ((1, 3), (2, 1), (3, 3), (4, 3)):
        workshop.add_session(number, seats=seats)
    api.post(BOOKINGS, workshop.seat(2, who=1))
    api.post(BOOKINGS, workshop.seat(3))
    told = api.post(BOOKINGS, workshop.series("available")).json
    assert [seat["sessionNumber"] for seat in told["seats"]] == [1, 4]
    assert refused(api.post(BOOKINGS, workshop.series("available"))) == (409, "session_full")
    assert broken_invariants(workshop.school.database) == []


def test_who_has_every_seat_of_a_series_is_told_so(api: Api, workshop: Workshop) -> None:
    workshop.add_session(1)
    api.post(BOOKINGS, workshop.series())
    for which in ("all", "available"):
        answer = api.post(BOOKINGS, workshop.series(which))
        assert refused(answer) == (409, "already_booked")
        assert answer.json["sessions"] == [1]


@pytest.mark.parametrize("headers", [{}, {"idempotency-key": "one"}])
def test_who_has_as_many_as_one_may_have_gets_no_more(
    api: Api, workshop: Workshop, headers: dict[str, str]
) -> None:
    for number in (1, 2, 3):
        workshop.add_session(number)
    workshop.school.change("EventType", workshop.id, maxActiveBookingsPerBooker=2)
    answer = api.post(BOOKINGS, workshop.series(), headers=headers)
    assert refused(answer) == (409, "booker_limit_reached")
    assert [api.post(BOOKINGS, workshop.seat(number)).status for number in (1, 2)] == [201, 201]
    assert refused(api.post(BOOKINGS, workshop.seat(3), headers=headers)) == (409, "booker_limit_reached")


@pytest.mark.parametrize("headers", [{}, {"idempotency-key": "one"}])
def test_a_refusal_stays_one_when_it_is_asked_with_a_key(
    api: Api, workshop: Workshop, headers: dict[str, str]
) -> None:
    workshop.add_session(1, seats=1)
    api.post(BOOKINGS, workshop.seat(1))
    assert refused(api.post(BOOKINGS, workshop.seat(1), headers=headers)) == (409, "already_booked")
    assert refused(api.post(BOOKINGS, workshop.seat(1, who=1), headers=headers)) == (409, "session_full")


@pytest.mark.parametrize("kind", ["seat", "series"])
def test_the_same_key_gives_the_first_answer_again(api: Api, workshop: Workshop, kind: str) -> None:
    for number in (1, 2):
        workshop.add_session(number)
    asked = workshop.seat(1) if kind == "seat" else workshop.series()
    key = {"idempotency-key": "one"}
    first, again = (api.post(BOOKINGS, asked, headers=key) for _ in range(2))
    assert again.json == first.json
    assert again.headers["idempotent-replayed"] == "true"
    other = api.post(BOOKINGS, workshop.seat(2, who=1), headers=key)
    assert refused(other) == (422, "idempotency_key_reused")
    stored = workshop.school.database.value('SELECT answer::text FROM "IdempotencyKey"')
    assert first.json["manageToken"] not in stored
    assert broken_invariants(workshop.school.database) == []


@pytest.mark.parametrize("seats", [1, 2, 200])
def test_however_many_seats_they_take_a_look_and_a_write(api: Api, workshop: Workshop, seats: int) -> None:
    for number in range(1, seats + 1):
        workshop.add_session(number)
    api.get(workshop.path)
    engine = api.function.module.database
    with engine.connect() as connection:
        before = round_trips(connection)
    assert api.post(BOOKINGS, workshop.series()).status == 201
    with engine.connect() as connection:
        assert round_trips(connection) - before <= 3
    assert broken_invariants(workshop.school.database) == []


def test_a_suspended_school_takes_nobody(api: Api, workshop: Workshop) -> None:
    workshop.add_session(1)
    workshop.school.change("Tenant", workshop.school.id, subscriptionStatus="SUSPENDED")
    assert refused(api.post(BOOKINGS, workshop.seat(1))) == (403, "tenant_suspended")


def test_a_series_is_cancelled_as_one_where_that_is_asked_for(api: Api, workshop: Workshop) -> None:
    for number in (1, 2, 3):
        workshop.add_session(number)
    mine = api.post(BOOKINGS, workshop.series()).json
    theirs = api.post(BOOKINGS, workshop.series(who=1)).json
    cancel(api, mine["seats"][0])
    assert workshop.taken() == {1: 1, 2: 2, 3: 2}
    token = {"x-manage-token": mine["seats"][1]["manageToken"]}
    path = f"{BOOKINGS}/{mine['seats'][1]['uid']}/cancel"
    assert api.post(path, {"series": "yes"}, headers=token).code == "invalid_request"
    assert api.post(path, {"series": True}, headers=token).json["status"] == "cancelled"
    assert workshop.taken() == {1: 1, 2: 1, 3: 1}
    held = {"x-manage-token": theirs["manageToken"]}
    assert api.get(f"{BOOKINGS}/{theirs['uid']}", headers=held).json["status"] == "accepted"
    assert broken_invariants(workshop.school.database) == []
