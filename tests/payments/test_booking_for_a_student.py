"""An admin books for somebody: as they would, for nothing, or against the rules; never what is taken."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.bookings.life import Staff
from tests.bookings.requests import MAI, next_monday
from tests.functions import Answer, Api
from tests.invariants import broken_invariants
from tests.payments.paid_school import PaidSchool
from tests.schools import School
from tests.workshops.workshop import make_workshop

LAN = {**MAI, "name": "Lan", "email": "lan@example.com"}


def book(admin: Staff, school: School, start: datetime | None = None, **more: Any) -> Answer:
    at = (start or next_monday(9)).isoformat()
    return admin.post("", {"eventTypeId": school.lesson_id, "attendee": MAI, "start": at, **more})


def book_seat(admin: Staff, event_type: int, **more: Any) -> Answer:
    return admin.post("", {"eventTypeId": event_type, "sessionNumber": 1, "attendee": MAI, **more})


def test_a_teacher_books_for_nobody(admin: Staff, school: School) -> None:
    refused = book(admin.named("teacher1@aurora.test"), school)
    assert (refused.status, refused.code) == (403, "forbidden")


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": None},
        {"sessionNumber": 1, "start": "2030-01-01T10:00:00Z"},
        {"sessionNumber": 1, "teacherId": 1},
        {"free": "yes"},
        {"price": 0},
        {"attendee": {"name": "Mai"}},
    ],
    ids=str,
)
def test_what_cannot_be_is_refused(admin: Staff, school: School, wrong: dict[str, Any]) -> None:
    asked = {"eventTypeId": school.lesson_id, "attendee": MAI, "start": next_monday(9).isoformat()}
    assert admin.post("", {**asked, **wrong}).code == "invalid_request"


def test_what_is_taken_or_not_taught_is_refused_whatever_is_waived(admin: Staff, school: School) -> None:
    assert book(admin, school).status == 201
    assert book(admin, school, override=True, attendee=LAN).code == "slot_taken"
    assert book(admin, school, next_monday(20), override=True).code == "slot_not_offered"
    past = next_monday(9) - timedelta(days=14)
    assert book(admin, school, past, override=True).code == "slot_not_offered"
    assert broken_invariants(school.database) == []


def test_the_plan_counts_it(admin: Staff, school: School) -> None:
    school.change("Tenant", school.id, maxBookingsPerMonth=1)
    assert book(admin, school).status == 201
    refused = book(admin, school, next_monday(11), free=True, override=True)
    assert (refused.code, refused.json["limit"]) == ("plan_limit_reached", "maxBookingsPerMonth")


def test_notice_horizon_and_list_are_waived_when_it_is_said(admin: Staff, school: School) -> None:
    school.change("EventType", school.lesson_id, minimumBookingNotice=60 * 24 * 30)
    assert book(admin, school).code == "slot_not_offered"
    assert book(admin, school, override=True).status == 201
    school.change("EventType", school.lesson_id, minimumBookingNotice=0)
    school.change_as_calcom("EventType", school.lesson_id, periodType="rolling", periodDays=0)
    assert book(admin, school, next_monday(10)).code == "slot_not_offered"
    assert book(admin, school, next_monday(10), override=True).status == 201
    school.change_as_calcom("EventType", school.lesson_id, periodType="unlimited")
    school.change("EventType", school.lesson_id, whitelistEnabled=True)
    assert book(admin, school, next_monday(11)).code == "not_whitelisted"
    assert book(admin, school, next_monday(11), override=True).status == 201
    school.allow("lan@example.com")
    assert book(admin, school, next_monday(12), override=True, attendee=LAN).status == 201
    verified = school.database.rows('SELECT "whitelistVerified" AS v FROM "Booking" ORDER BY "startTime"')
    assert [row["v"] for row in verified] == [False, False, False, True]


def test_the_school_need_not_confirm_what_it_books(admin: Staff, school: School) -> None:
    school.change("EventType", school.lesson_id, requiresConfirmation=True)
    assert book(admin, school).json["status"] == "accepted"


def test_what_costs_something_waits_to_be_paid_unless_it_is_free(admin: Staff, paid: PaidSchool) -> None:
    waits, given = book(admin, paid.school), book(admin, paid.school, next_monday(11), free=True)
    assert (waits.json["status"], given.json["status"]) == ("pending", "accepted")
    assert waits.json["payment"]["checkoutUrl"].startswith("http")
    assert "payment" not in given.json
    assert len(paid.checkouts()) == 1
    assert broken_invariants(paid.school.database) == []


def test_a_seat_is_booked_by_its_session(admin: Staff, school: School, api: Api) -> None:
    workshop = make_workshop(school, seats=1)
    workshop.add_session(1, seats=1)
    school.change("EventType", workshop.id, whitelistEnabled=True, minimumBookingNotice=1_000_000_000)
    assert book_seat(admin, workshop.id).code == "not_whitelisted"
    assert book_seat(admin, workshop.id, override=True).json["status"] == "accepted"
    assert book_seat(admin, workshop.id, override=True, attendee=LAN).code == "session_full"
    assert workshop.taken() == {1: 1}


def test_the_same_key_books_once_and_other_favours_are_another_request(admin: Staff, school: School) -> None:
    asked = {"eventTypeId": school.lesson_id, "attendee": MAI, "start": next_monday(9).isoformat()}
    key = {"idempotency-key": "k"}
    first, again = (admin.post("", asked, headers=key) for _ in range(2))
    assert (first.json, again.json, again.headers["idempotent-replayed"]) == (first.json, first.json, "true")
    assert admin.post("", {**asked, "free": True}, headers=key).code == "idempotency_key_reused"


def test_the_trail_says_who_waived_what(admin: Staff, school: School) -> None:
    uid = book(admin, school, free=True).json["uid"]
    (event,) = school.database.rows(
        'SELECT action, "subjectId" AS id, "actorId" AS by, changes FROM "AuditEvent"'
    )
    assert event == {
        "action": "booking.created",
        "id": uid,
        "by": school.admin_id,
        "changes": {"free": {"before": None, "after": True}},
    }
