"""Whoever cancels in time is refunded, exactly to the second; the school always gives the money back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from shared.bookings.refunds import is_refundable
from tests.bookings.life import Staff, book, cancel, move, pay, refunds, row_of
from tests.bookings.requests import next_monday
from tests.databases import TestDatabase
from tests.functions import Api
from tests.invariants import broken_invariants
from tests.schools import School

At = Callable[[datetime], None]

DEADLINE = datetime(2030, 6, 10, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOURS = timedelta(hours=1)


@pytest.mark.parametrize(
    ("late", "refunded"),
    [
        (-HOURS, True),
        (timedelta(0), True),
        (timedelta(microseconds=999_999), True),
        (SECOND, False),
        (HOURS, False),
    ],
)
def test_the_deadline_is_kept_to_the_second(late: timedelta, refunded: bool) -> None:
    assert is_refundable(DEADLINE + late, DEADLINE) is refunded


@pytest.mark.parametrize(
    ("late", "expected"),
    [(timedelta(0), [(1500, "ATTENDEE_IN_TIME", "PENDING")]), (SECOND, [])],
)
def test_at_twelve_hours_before_the_start_there_is_a_refund_and_a_second_later_none(
    api: Api, school: School, database: TestDatabase, at: At, late: timedelta, expected: list[object]
) -> None:
    made = book(api, school, next_monday(9))
    pay(school, made["uid"])
    at(next_monday(9) - 12 * HOURS + late)
    answer = cancel(api, made)
    assert answer.json["status"] == "cancelled"
    assert refunds(database) == expected
    assert ("refunds" in answer.json) == bool(expected)


def test_the_window_that_held_when_booking_counts(
    api: Api, school: School, database: TestDatabase, at: At
) -> None:
    school.change("EventType", school.lesson_id, refundWindowHours=24)
    made = book(api, school, next_monday(9))
    pay(school, made["uid"])
    school.change("EventType", school.lesson_id, refundWindowHours=1)
    at(next_monday(9) - 20 * HOURS)
    cancel(api, made)
    assert refunds(database) == []


def test_of_a_booking_without_a_deadline_the_present_window_counts(
    api: Api, admin: Staff, school: School, database: TestDatabase, at: At
) -> None:
    made = book(api, school, next_monday(9))
    pay(school, made["uid"])
    database.rows('UPDATE "Booking" SET "refundableUntil" = NULL')
    school.change("EventType", school.lesson_id, refundWindowHours=2)
    at(next_monday(9) - 2 * HOURS)
    cancel(api, made)
    assert refunds(database) == [(1500, "ATTENDEE_IN_TIME", "PENDING")]


def test_nothing_is_refunded_of_what_was_not_paid_or_was_given_back(
    api: Api, admin: Staff, school: School, database: TestDatabase
) -> None:
    made = book(api, school, next_monday(9))
    pay(school, made["uid"], 1, success=False)
    pay(school, made["uid"], 2, refunded=True)
    pay(school, made["uid"], 0)
    pay(school, made["uid"], 3)
    admin.post(f"/{made['uid']}/cancel")
    assert refunds(database) == [(3, "SCHOOL", "PENDING")]
    assert broken_invariants(database) == []


def test_a_rejected_request_is_refunded(
    api: Api, admin: Staff, school: School, database: TestDatabase
) -> None:
    school.change("EventType", school.lesson_id, requiresConfirmation=True)
    made = book(api, school, next_monday(9))
    pay(school, made["uid"])
    assert admin.post(f"/{made['uid']}/reject").json["refunds"][0]["amount"] == 1500
    assert refunds(database) == [(1500, "SCHOOL", "PENDING")]


def test_moved_in_time_the_deadline_moves_along(
    api: Api, school: School, database: TestDatabase, at: At
) -> None:
    school.change("EventType", school.lesson_id, refundWindowHours=24)
    made = book(api, school, next_monday(9))
    pay(school, made["uid"])
    school.change("EventType", school.lesson_id, refundWindowHours=1)
    at(next_monday(9) - 24 * HOURS)
    child = move(api, made, next_monday(15)).json
    assert row_of(database, child["uid"])["refundableUntil"] == (
        next_monday(15).astimezone(UTC) - 24 * HOURS
    ).replace(tzinfo=None)
    at(next_monday(15) - 24 * HOURS)
    cancel(api, child)
    assert refunds(database) == [(1500, "ATTENDEE_IN_TIME", "PENDING")]


def test_moved_too_late_no_later_time_brings_the_money_back(
    api: Api, school: School, database: TestDatabase, at: At
) -> None:
    made = book(api, school, next_monday(9))
    pay(school, made["uid"])
    at(next_monday(9) - 12 * HOURS + SECOND)
    child = move(api, made, next_monday(9) + timedelta(days=1)).json
    cancel(api, child)
    assert refunds(database) == []
    assert broken_invariants(database) == []


def test_a_request_that_was_never_confirmed_is_refunded_whenever_it_is_withdrawn(
    api: Api, school: School, database: TestDatabase, at: At
) -> None:
    school.change("EventType", school.lesson_id, requiresConfirmation=True)
    made = book(api, school, next_monday(9))
    pay(school, made["uid"])
    at(next_monday(9) - HOURS)
    cancel(api, made)
    assert refunds(database) == [(1500, "ATTENDEE_IN_TIME", "PENDING")]


def test_whom_the_school_moves_after_the_deadline_can_still_cancel_in_time(
    api: Api, admin: Staff, school: School, database: TestDatabase, at: At
) -> None:
    made = book(api, school, next_monday(9))
    pay(school, made["uid"])
    at(next_monday(9) - HOURS)
    start = next_monday(9) + timedelta(days=1)
    moved = admin.post(f"/{made['uid']}/reschedule", {"start": start.isoformat()}).json
    until = row_of(database, moved["uid"])["refundableUntil"]
    assert until.replace(tzinfo=UTC) == start - 12 * HOURS
