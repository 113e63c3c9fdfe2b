"""A seat moves to another session of its workshop, and who waits for the one it leaves is offered it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from shared.bookings.expire_holds import expire_holds
from shared.database import connect_database
from tests.bookings.life import Staff, key_of, messages, pay, row_of
from tests.bookings.test_life_races import at_once, codes, students
from tests.databases import TestDatabase
from tests.functions import Answer, Api
from tests.invariants import broken_invariants
from tests.schools import School
from tests.workshops.workshop import FIRST, WEEK, Workshop, cancel, make_workshop

__all__ = ["students"]

At = Callable[[datetime], None]


@pytest.fixture
def workshop(school: School) -> Workshop:
    """Three sessions of two seats each."""
    made = make_workshop(school, seats=2)
    for number in (1, 2, 3):
        made.add_session(number, seats=2)
    return made


def take(api: Api, workshop: Workshop, number: int, who: int) -> dict[str, Any]:
    answer = api.post("/v1/bookings", workshop.seat(number, who=who))
    assert answer.status == 201, answer
    made: dict[str, Any] = answer.json
    return made


def move_to(api: Api, made: dict[str, Any], number: int) -> Answer:
    return api.post(f"/v1/bookings/{made['uid']}/reschedule", {"sessionNumber": number}, headers=key_of(made))


def test_a_seat_is_not_moved_to_a_time(api: Api, workshop: Workshop) -> None:
    made = take(api, workshop, 1, 0)
    body = {"start": FIRST.isoformat()}
    answer = api.post(f"/v1/bookings/{made['uid']}/reschedule", body, headers=key_of(made))
    assert answer.code == "invalid_request"


def test_a_session_that_is_not_there_is_not_found(api: Api, workshop: Workshop) -> None:
    other = make_workshop(workshop.school, "another")
    other.add_session(7, start=FIRST + timedelta(days=2))
    made = take(api, workshop, 1, 0)
    assert move_to(api, made, 4).code == "session_not_found"
    assert move_to(api, made, 7).code == "session_not_found"


def test_a_full_session_changes_nothing(api: Api, workshop: Workshop, database: TestDatabase) -> None:
    made, *_ = (take(api, workshop, number, who) for number, who in ((1, 0), (2, 1), (2, 2)))
    answer = move_to(api, made, 2)
    assert (answer.status, answer.code, answer.json["sessions"]) == (409, "session_full", [2])
    assert workshop.taken() == {1: 1, 2: 2, 3: 0}
    assert broken_invariants(database) == []


def test_while_others_wait_a_free_seat_is_theirs(
    api: Api, workshop: Workshop, database: TestDatabase
) -> None:
    made, *_ = (take(api, workshop, number, who) for number, who in ((1, 0), (2, 1), (2, 2)))
    workshop.wait(api, 2)
    database.rows('UPDATE "WorkshopSession" SET "seatLimit" = 3 WHERE "sessionNumber" = 2')
    assert move_to(api, made, 2).code == "session_full"


def test_a_session_that_was_cancelled_takes_nobody_in(
    api: Api, workshop: Workshop, database: TestDatabase
) -> None:
    made = take(api, workshop, 1, 0)
    database.rows('UPDATE "WorkshopSession" SET "cancelledAt" = now() WHERE "sessionNumber" = 2')
    answer = move_to(api, made, 2)
    assert (answer.code, answer.json["reason"]) == ("session_closed", "cancelled")


def test_a_session_that_has_begun_takes_nobody_in(api: Api, admin: Staff, workshop: Workshop, at: At) -> None:
    made = take(api, workshop, 3, 0)
    at(FIRST + timedelta(seconds=1))
    answer = move_to(api, made, 1)
    assert (answer.code, answer.json["reason"]) == ("session_closed", "too_late")
    assert admin.post(f"/{made['uid']}/reschedule", {"sessionNumber": 1}).code == "session_closed"


def test_whoever_has_a_seat_there_is_told_so(api: Api, workshop: Workshop) -> None:
    made, _ = take(api, workshop, 1, 0), take(api, workshop, 2, 0)
    assert move_to(api, made, 2).code == "already_booked"
    assert move_to(api, made, 1).code == "already_booked"


def test_an_offered_seat_is_accepted_before_it_is_moved(api: Api, workshop: Workshop) -> None:
    first, _ = take(api, workshop, 1, 0), take(api, workshop, 1, 1)
    workshop.wait(api, 1)
    cancel(api, first)
    offer = workshop.booking_of_offer()
    held = {"uid": offer["uid"], "manageToken": offer["token"]}
    assert move_to(api, held, 2).code == "booking_not_active"


def test_the_seat_goes_on_in_the_other_session(api: Api, workshop: Workshop, database: TestDatabase) -> None:
    made = take(api, workshop, 1, 0)
    answer = move_to(api, made, 2)
    assert (answer.status, answer.json["sessionNumber"]) == (201, 2)
    child = row_of(database, answer.json["uid"])
    assert (child["workshopSessionNumber"], child["fromReschedule"]) == (2, made["uid"])
    assert workshop.taken() == {1: 0, 2: 1, 3: 0}
    assert [topic for topic, _ in messages(database)] == ["booking.rescheduled"] * 2
    assert move_to(api, made, 3).code == "booking_moved"
    assert broken_invariants(database) == []


def test_who_waits_is_offered_the_seat_that_was_left(
    api: Api, workshop: Workshop, database: TestDatabase
) -> None:
    made, _ = take(api, workshop, 1, 0), take(api, workshop, 1, 1)
    workshop.wait(api, 1)
    assert move_to(api, made, 2).status == 201
    assert workshop.entries() == ["OFFERED"]
    assert workshop.taken() == {1: 2, 2: 1, 3: 0}
    assert len(workshop.topics("seat.offered")) == 1
    assert broken_invariants(database) == []


def test_one_students_cancel_gives_one_students_money_back_and_keeps_the_session(
    api: Api, admin: Staff, workshop: Workshop, database: TestDatabase
) -> None:
    seats = [take(api, workshop, 1, who) for who in (0, 1)]
    for seat in seats:
        pay(workshop.school, seat["uid"])
    cancel(api, seats[0])
    refunded = database.rows('SELECT b.uid FROM "Refund" r JOIN "Booking" b ON b.id = r."bookingId"')
    assert [row["uid"] for row in refunded] == [seats[0]["uid"]]
    assert row_of(database, seats[1]["uid"])["status"] == "accepted"
    assert workshop.taken()[1] == 1
    assert broken_invariants(database) == []


def test_an_offer_that_runs_out_goes_to_the_next_in_line(
    api: Api, workshop: Workshop, database: TestDatabase
) -> None:
    first, _ = take(api, workshop, 1, 0), take(api, workshop, 1, 1)
    for who in (7, 8):
        workshop.wait(api, 1, who=who)
    cancel(api, first)
    offer = workshop.booking_of_offer()
    ops = connect_database(database.ops_url)
    ended = expire_holds(ops, offer["hold_expires_at"], lambda: True)
    ops.dispose()
    assert (ended.expired, ended.failed) == (1, 0)
    assert workshop.entries() == ["EXPIRED", "OFFERED"]
    assert row_of(database, offer["uid"])["status"] == "cancelled"
    assert workshop.taken()[1] == 2
    assert broken_invariants(database) == []


def test_the_school_moves_a_seat(admin: Staff, api: Api, workshop: Workshop, database: TestDatabase) -> None:
    made = take(api, workshop, 1, 0)
    answer = admin.post(f"/{made['uid']}/reschedule", {"sessionNumber": 3})
    assert (answer.status, answer.json["sessionNumber"]) == (201, 3)
    assert broken_invariants(database) == []


def test_of_four_who_move_to_the_last_seat_one_has_it(
    students: list[Api], workshop: Workshop, database: TestDatabase
) -> None:
    take(students[0], workshop, 3, 9)
    sessions = (1, 1, 2, 2)
    seats = [take(students[0], workshop, number, who) for who, number in enumerate(sessions)]
    answers = at_once([partial(move_to, api, seat, 3) for api, seat in zip(students, seats, strict=False)])
    assert codes(answers) == ["201"] + ["session_full"] * 3
    assert workshop.taken()[3] == 2
    assert broken_invariants(database) == []


def test_two_who_change_sessions_crosswise_both_arrive(
    students: list[Api], workshop: Workshop, database: TestDatabase
) -> None:
    first, second = take(students[0], workshop, 1, 0), take(students[0], workshop, 2, 1)
    for _ in range(4):
        there, back = at_once(
            [partial(move_to, students[0], first, 2), partial(move_to, students[1], second, 1)]
        )
        assert (there.status, back.status) == (201, 201)
        first, second = (
            move_to(students[0], there.json, 1).json,
            move_to(students[0], back.json, 2).json,
        )
    assert workshop.taken() == {1: 1, 2: 1, 3: 0}
    assert broken_invariants(database) == []


def test_a_seat_is_not_moved_into_a_session_that_begins_now(api: Api, workshop: Workshop, at: At) -> None:
    made = take(api, workshop, 3, 0)
    at(FIRST + WEEK)
    answer = move_to(api, made, 2)
    assert (answer.status, answer.code) == (409, "session_closed")
