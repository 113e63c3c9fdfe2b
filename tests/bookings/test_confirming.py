"""A request waits until the school confirms it or turns it down."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.bookings.life import Staff, book, cancel, events, key_of, messages, move, row_of
from tests.bookings.requests import lesson, next_monday
from tests.databases import TestDatabase
from tests.functions import Api
from tests.invariants import broken_invariants
from tests.schools import School

At = Callable[[datetime], None]


@pytest.fixture
def asking(school: School) -> School:
    """The school, which confirms each lesson."""
    school.change("EventType", school.lesson_id, requiresConfirmation=True)
    return school


@pytest.mark.parametrize("change", ["confirm", "reject", "cancel", "no-show"])
def test_a_booking_that_is_not_there_is_not_changed(admin: Staff, school: School, change: str) -> None:
    body = {"host": True} if change == "no-show" else {}
    answer = admin.post(f"/nothing/{change}", body)
    assert (answer.status, answer.code) == (404, "booking_not_found")


def test_what_was_cancelled_is_neither_confirmed_nor_rejected(api: Api, admin: Staff, asking: School) -> None:
    made = book(api, asking, next_monday(9))
    cancel(api, made)
    for change in ("confirm", "reject"):
        answer = admin.post(f"/{made['uid']}/{change}")
        assert (answer.status, answer.code) == (409, "booking_not_active")


def test_what_was_accepted_is_not_rejected(api: Api, admin: Staff, school: School) -> None:
    made = book(api, school, next_monday(9))
    assert admin.post(f"/{made['uid']}/reject").code == "booking_not_active"


def test_what_was_rejected_is_not_confirmed(api: Api, admin: Staff, asking: School) -> None:
    made = book(api, asking, next_monday(9))
    admin.post(f"/{made['uid']}/reject")
    assert admin.post(f"/{made['uid']}/confirm").code == "booking_not_active"


def test_what_was_moved_is_confirmed_where_it_went(api: Api, admin: Staff, asking: School) -> None:
    made = book(api, asking, next_monday(9))
    child = move(api, made, next_monday(10)).json
    for change in ("confirm", "reject"):
        assert admin.post(f"/{made['uid']}/{change}").code == "booking_moved"
    assert admin.post(f"/{child['uid']}/confirm").json["status"] == "accepted"


def test_a_hold_that_has_run_out_is_not_confirmed(
    api: Api, admin: Staff, asking: School, database: TestDatabase, at: At
) -> None:
    made = book(api, asking, next_monday(9))
    at(next_monday(9))
    assert admin.post(f"/{made['uid']}/confirm").code == "booking_not_active"
    assert row_of(database, made["uid"])["status"] == "pending"


def test_a_suspended_school_rejects_and_does_not_confirm(api: Api, admin: Staff, asking: School) -> None:
    made = book(api, asking, next_monday(9))
    asking.change("Tenant", asking.id, subscriptionStatus="SUSPENDED")
    assert admin.post(f"/{made['uid']}/confirm").code == "tenant_suspended"
    assert admin.post(f"/{made['uid']}/reject").json["status"] == "rejected"


@pytest.mark.parametrize("body", [{"reason": "x" * 501}, {"why": "no"}, []])
def test_a_reason_that_is_none_is_refused(api: Api, admin: Staff, asking: School, body: Any) -> None:
    made = book(api, asking, next_monday(9))
    assert admin.post(f"/{made['uid']}/reject", body).code == "invalid_request"


def test_a_confirmed_booking_is_held_for_good(
    api: Api, admin: Staff, asking: School, database: TestDatabase
) -> None:
    made = book(api, asking, next_monday(9))
    answer = admin.post(f"/{made['uid']}/confirm")
    assert (answer.status, answer.json["status"]) == (200, "accepted")
    row = row_of(database, made["uid"])
    assert (row["holdExpiresAt"], row["iCalSequence"]) == (None, 1)
    told = {"bookingId": row["id"]}
    assert messages(database) == [
        ("booking.confirmed", told),
        ("booking.confirmed", {**told, "to": "teacher"}),
    ]
    assert events(database) == [("CONFIRMED", "STAFF", asking.admin_id, None)]
    assert api.get(f"/v1/bookings/{made['uid']}", headers=key_of(made)).json["status"] == "accepted"
    assert broken_invariants(database) == []


def test_a_rejected_booking_says_why_and_frees_its_time(
    api: Api, admin: Staff, asking: School, database: TestDatabase
) -> None:
    made = book(api, asking, next_monday(9))
    answer = admin.post(f"/{made['uid']}/reject", {"reason": "We are on holiday then."})
    assert (answer.json["status"], answer.json["reason"]) == ("rejected", "We are on holiday then.")
    seen = api.get(f"/v1/bookings/{made['uid']}", headers=key_of(made)).json
    assert (seen["status"], seen["reason"]) == ("rejected", "We are on holiday then.")
    assert [topic for topic, _ in messages(database)] == ["booking.rejected"] * 2
    assert events(database)[0][0] == "REJECTED"
    assert api.post("/v1/bookings", lesson(asking, next_monday(9))).status == 201
    assert broken_invariants(database) == []


@pytest.mark.parametrize("change", ["confirm", "reject"])
def test_what_is_sent_again_is_answered_again(
    api: Api, admin: Staff, asking: School, database: TestDatabase, change: str
) -> None:
    made = book(api, asking, next_monday(9))
    first, again = (admin.post(f"/{made['uid']}/{change}") for _ in range(2))
    assert (again.status, again.json) == (200, first.json)
    assert len(events(database)) == 1


def test_of_calcoms_requests_one_whose_time_was_given_away_is_not_confirmed(
    api: Api, admin: Staff, school: School, database: TestDatabase
) -> None:
    made = book(api, school, next_monday(9))
    database.rows(
        """INSERT INTO "Booking" (uid, "userId", "eventTypeId", title, "startTime", "endTime", status)
           SELECT 'theirs', "userId", "eventTypeId", 'Theirs', "startTime", "endTime", 'pending'
           FROM "Booking" WHERE uid = :uid""",
        uid=made["uid"],
    )
    assert admin.post("/theirs/confirm").status == 409
    cancel(api, made)
    assert admin.post("/theirs/confirm").json["status"] == "accepted"
    assert broken_invariants(database) == []


def test_whom_the_student_moves_asks_again_and_whom_the_school_moves_does_not(
    api: Api, admin: Staff, asking: School, database: TestDatabase
) -> None:
    made = book(api, asking, next_monday(9))
    admin.post(f"/{made['uid']}/confirm")
    asked = move(api, made, next_monday(10)).json
    assert asked["status"] == "pending"
    assert row_of(database, asked["uid"])["holdExpiresAt"] == row_of(database, asked["uid"])["startTime"]
    admin.post(f"/{asked['uid']}/confirm")
    settled = admin.post(f"/{asked['uid']}/reschedule", {"start": next_monday(11).isoformat()}).json
    assert settled["status"] == "accepted"
    assert broken_invariants(database) == []
