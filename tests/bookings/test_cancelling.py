"""A booking is cancelled: by who holds its token, or by the school."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.bookings.life import (
    Staff,
    book,
    cancel,
    events,
    key_of,
    messages,
    move,
    pay,
    refunds,
    row_of,
)
from tests.bookings.requests import MAI, lesson, next_monday
from tests.databases import TestDatabase
from tests.functions import Api
from tests.invariants import broken_invariants
from tests.schools import School, make_school

At = Callable[[datetime], None]


@pytest.mark.parametrize("token", ["", "wrong"])
def test_without_its_token_a_booking_is_as_absent_as_one_that_never_was(
    api: Api, school: School, token: str
) -> None:
    uid = book(api, school, next_monday(9))["uid"]
    hidden = api.post(f"/v1/bookings/{uid}/cancel", {}, headers={"X-Manage-Token": token})
    absent = api.post("/v1/bookings/nothing/cancel", {}, headers={"X-Manage-Token": token})
    assert hidden.code == absent.code == "booking_not_found"
    assert {**hidden.json, "requestId": ""} == {**absent.json, "requestId": ""}


def test_at_another_school_the_token_cancels_nothing(
    api: Api, school: School, database: TestDatabase
) -> None:
    make_school(database, "lotus")
    made = book(api, school, next_monday(9))
    api.tenant = "lotus"
    assert cancel(api, made).code == "booking_not_found"
    assert row_of(database, made["uid"])["status"] == "accepted"


@pytest.mark.parametrize("reason", ["x" * 501, "two\x00words", 7])
def test_a_reason_that_is_none_is_refused(api: Api, school: School, reason: Any) -> None:
    made = book(api, school, next_monday(9))
    answer = api.post(f"/v1/bookings/{made['uid']}/cancel", {"reason": reason}, headers=key_of(made))
    assert (answer.status, answer.code) == (422, "invalid_request")


def test_what_has_begun_is_not_cancelled_by_its_student(api: Api, school: School, at: At) -> None:
    made = book(api, school, next_monday(9))
    at(next_monday(9))
    assert (cancel(api, made).status, cancel(api, made).code) == (409, "booking_over")


def test_where_only_the_school_cancels_the_student_is_refused(
    api: Api, admin: Staff, school: School, database: TestDatabase
) -> None:
    school.change("EventType", school.lesson_id, disableCancelling=True)
    made = book(api, school, next_monday(9))
    assert (cancel(api, made).status, cancel(api, made).code) == (403, "cancelling_disabled")
    assert row_of(database, made["uid"])["status"] == "accepted"
    assert admin.post(f"/{made['uid']}/cancel").json["status"] == "cancelled"


def test_what_was_rejected_is_not_cancelled(api: Api, admin: Staff, school: School) -> None:
    school.change("EventType", school.lesson_id, requiresConfirmation=True)
    made = book(api, school, next_monday(9))
    admin.post(f"/{made['uid']}/reject")
    for answer in (cancel(api, made), admin.post(f"/{made['uid']}/cancel")):
        assert (answer.status, answer.code) == (409, "booking_not_active")
        assert answer.json["bookingStatus"] == "rejected"


def test_what_was_moved_is_not_cancelled_by_the_old_link(api: Api, admin: Staff, school: School) -> None:
    made = book(api, school, next_monday(9))
    move(api, made, next_monday(10))
    for answer in (cancel(api, made), admin.post(f"/{made['uid']}/cancel")):
        assert (answer.status, answer.code) == (409, "booking_moved")


def test_a_cancelled_booking_says_so_and_frees_its_time(
    api: Api, school: School, database: TestDatabase
) -> None:
    made = book(api, school, next_monday(9))
    answer = cancel(api, made, "I have fallen ill.")
    assert answer.status == 200
    assert (answer.json["status"], answer.json["reason"]) == ("cancelled", "I have fallen ill.")
    assert answer.json["sequence"] == 1
    assert "refunds" not in answer.json
    row = row_of(database, made["uid"])
    assert (row["cancellationReason"], row["cancelledBy"]) == ("I have fallen ill.", MAI["email"])
    assert api.post("/v1/bookings", lesson(school, next_monday(9))).status == 201
    assert broken_invariants(database) == []


def test_everybody_is_told_and_it_is_written_down(api: Api, school: School, database: TestDatabase) -> None:
    made = book(api, school, next_monday(9))
    cancel(api, made, "Ill")
    booking = row_of(database, made["uid"])["id"]
    told = {"bookingId": booking, "by": "ATTENDEE"}
    assert messages(database) == [
        ("booking.cancelled", told),
        ("booking.cancelled", {**told, "to": "teacher"}),
    ]
    assert events(database) == [("CANCELLED", "ATTENDEE", None, {"reason": "Ill"})]


def test_a_cancel_that_is_sent_again_is_answered_again(
    api: Api, school: School, database: TestDatabase
) -> None:
    made = book(api, school, next_monday(9))
    first, again = cancel(api, made, "Ill"), cancel(api, made, "Well again")
    assert (again.status, again.json) == (200, first.json)
    assert len(messages(database)) == 2
    assert len(events(database)) == 1


def test_a_cancel_needs_no_body(api: Api, school: School) -> None:
    made = book(api, school, next_monday(9))
    answer = api.request("POST", f"/v1/bookings/{made['uid']}/cancel", headers=key_of(made))
    assert answer.json["status"] == "cancelled"


def test_a_reason_of_nothing_is_none(api: Api, school: School, database: TestDatabase) -> None:
    made = book(api, school, next_monday(9))
    assert "reason" not in cancel(api, made, "  ").json
    assert events(database) == [("CANCELLED", "ATTENDEE", None, None)]


def test_a_request_that_waits_is_cancelled_too(api: Api, school: School, database: TestDatabase) -> None:
    school.change("EventType", school.lesson_id, requiresConfirmation=True)
    made = book(api, school, next_monday(9))
    assert cancel(api, made).json["status"] == "cancelled"
    assert broken_invariants(database) == []


@pytest.mark.parametrize("status", ["SUSPENDED", "CANCELLED"])
def test_at_a_suspended_school_bookings_are_still_seen_and_cancelled(
    api: Api, admin: Staff, school: School, status: str
) -> None:
    mine, theirs = book(api, school, next_monday(9)), book(api, school, next_monday(10))
    school.change("Tenant", school.id, subscriptionStatus=status)
    assert admin.get(f"/{theirs['uid']}").status == 200
    assert cancel(api, mine).json["status"] == "cancelled"
    assert admin.post(f"/{theirs['uid']}/cancel").json["status"] == "cancelled"


def test_the_schools_cancel_is_told_as_its_own_and_always_refunded(
    api: Api, admin: Staff, school: School, database: TestDatabase, at: At
) -> None:
    made = book(api, school, next_monday(9))
    pay(school, made["uid"])
    at(next_monday(9) + timedelta(hours=1))
    answer = admin.post(f"/{made['uid']}/cancel", {"reason": "The teacher is ill."})
    assert answer.json["refunds"] == [{"amount": 1500, "currency": "eur", "status": "PENDING"}]
    assert events(database) == [("CANCELLED", "STAFF", school.admin_id, {"reason": "The teacher is ill."})]
    assert [payload["by"] for _, payload in messages(database)] == ["STAFF", "STAFF"]
    assert row_of(database, made["uid"])["cancelledBy"] == school.admin_email
    assert admin.post(f"/{made['uid']}/cancel").json == answer.json
    assert refunds(database) == [(1500, "SCHOOL", "PENDING")]
    assert broken_invariants(database) == []


def test_a_booking_of_calcoms_is_cancelled_by_the_school(
    admin: Staff, school: School, database: TestDatabase
) -> None:
    database.rows(
        """INSERT INTO "Booking" (uid, "userId", title, "startTime", "endTime")
           VALUES ('theirs', :u, 'Theirs', now(), now() + interval '1 hour')""",
        u=school.teacher_id,
    )
    assert admin.post("/theirs/cancel").json["status"] == "cancelled"
    assert database.value('SELECT count(*) FROM "TeacherOccupancy"') == 0
