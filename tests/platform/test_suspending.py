"""A school that is suspended takes nothing new, from that moment; what is booked and paid goes on."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.bookings.life import Staff, book, cancel, move, pay
from tests.bookings.requests import MAI, lesson, next_monday
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Answer, Api
from tests.platform.root import Root
from tests.schools import School
from tests.workshops.workshop import accept, make_workshop

Ask = Callable[[], Answer]


@pytest.fixture
def staff(load: Load, school: School) -> Iterator[Staff]:
    function = load("admin_api", UPLOADS_BUCKET="uploads")
    yield Staff(Api(function), school.admin_email)
    function.close()


@pytest.fixture
def doors(api: Api, school: School, staff: Staff) -> dict[str, Ask]:
    """What takes something new, or shows what could be taken."""
    day = next_monday(9).date().isoformat()
    slots = f"start={day}&end={day}&timeZone=UTC"
    workshop = school.add_event_type("workshop", isWorkshop=True, seatLimit=3)
    waiting = {"attendee": MAI}
    uploading = {"eventTypeId": school.lesson_id, "mode": "merge"}
    return {
        "booking": lambda: api.post("/v1/bookings", lesson(school, next_monday(9))),
        "seat": lambda: api.post(
            "/v1/bookings", {"eventTypeId": workshop, "sessionNumber": 1, "attendee": MAI}
        ),
        "event types": lambda: api.get("/v1/event-types"),
        "slots": lambda: api.get(f"/v1/event-types/{school.lesson_id}/slots?{slots}"),
        "sessions": lambda: api.get(f"/v1/event-types/{workshop}/sessions"),
        "waitlist": lambda: api.post(f"/v1/event-types/{workshop}/sessions/1/waitlist", waiting),
        "import": lambda: staff.api.post(
            "/v1/admin/whitelist-imports", uploading, claims={"email": staff.email}
        ),
    }


@pytest.mark.parametrize("change", ["suspend", "cancel"])
def test_every_door_is_closed_from_that_moment_and_open_again_after(
    root: Root, school: School, doors: dict[str, Ask], change: str
) -> None:
    before = {name: ask().status for name, ask in doors.items()}
    assert 403 not in before.values()
    assert root.post(f"/{school.id}/{change}", {"reason": "Unpaid"}).status == 200
    told = {name: ask() for name, ask in doors.items()}
    assert {(answer.status, answer.code) for answer in told.values()} == {(403, "tenant_suspended")}
    assert root.post(f"/{school.id}/resume").json["status"] == "ACTIVE"
    assert 403 not in {ask().status for ask in doors.values()}


def test_what_is_booked_can_be_seen_cancelled_and_given_back(
    root: Root, api: Api, school: School, staff: Staff, database: TestDatabase
) -> None:
    first, second = (book(api, school, next_monday(hour)) for hour in (9, 10))
    for made in (first, second):
        pay(school, made["uid"])
    root.suspend(school.id)
    shown = api.get(f"/v1/bookings/{first['uid']}", headers={"X-Manage-Token": first["manageToken"]})
    assert shown.status == 200
    assert cancel(api, first).status == 200
    assert staff.post(f"/{second['uid']}/cancel").status == 200
    assert database.value('SELECT count(*) FROM "Refund"') == 2


def test_what_was_offered_is_not_taken_and_nothing_is_moved_or_confirmed_meanwhile(
    root: Root, api: Api, school: School, staff: Staff
) -> None:
    workshop = make_workshop(school)
    workshop.add_session(1, seats=1)
    seat = api.post("/v1/bookings", workshop.seat(1)).json
    assert workshop.wait(api).status == 201
    assert cancel(api, seat).status == 200
    made = book(api, school, next_monday(9))
    school.change("EventType", school.lesson_id, requiresConfirmation=True)
    asked = book(api, school, next_monday(10))
    ways: dict[str, Ask] = {
        "accept": lambda: accept(api, workshop.booking_of_offer()),
        "move": lambda: move(api, made, next_monday(11)),
        "confirm": lambda: staff.post(f"/{asked['uid']}/confirm"),
    }
    root.suspend(school.id)
    told = {name: way() for name, way in ways.items()}
    assert {(answer.status, answer.code) for answer in told.values()} == {(403, "tenant_suspended")}
    root.post(f"/{school.id}/resume")
    assert {name: way().status for name, way in ways.items()} == {"accept": 200, "move": 201, "confirm": 200}


def test_while_suspended_nobody_is_offered_a_seat(root: Root, api: Api, school: School) -> None:
    workshop = make_workshop(school)
    workshop.add_session(1, seats=1)
    seat = api.post("/v1/bookings", workshop.seat(1)).json
    workshop.wait(api)
    root.suspend(school.id)
    assert cancel(api, seat).status == 200
    assert workshop.entries() == ["WAITING"]


def test_nobody_outside_is_told_why(root: Root, school: School, doors: dict[str, Ask]) -> None:
    root.suspend(school.id)
    assert "Unpaid" not in "".join(ask().text for ask in doors.values())


def test_a_reason_is_asked_for(root: Root, school: School) -> None:
    for body in ({}, {"reason": ""}, {"reason": "x" * 501}, {"reason": "a\x00"}, {"reason": None}):
        answer = root.post(f"/{school.id}/suspend", body)
        assert (answer.status, answer.code) == (422, "invalid_request"), body
    assert root.get(f"/{school.id}").json["status"] == "ACTIVE"


def test_what_is_cancelled_is_not_suspended_and_keeps_the_day_it_ended(
    root: Root, school: School, database: TestDatabase
) -> None:
    ended = 'SELECT "subscriptionEndDate" FROM "Tenant" WHERE id = :t'
    assert root.post(f"/{school.id}/cancel", {"reason": "They left"}).json["status"] == "CANCELLED"
    first = database.value(ended, t=school.id)
    refused = root.suspend(school.id)
    assert (refused.status, refused.code) == (409, "tenant_cancelled")
    assert root.post(f"/{school.id}/cancel").status == 200
    assert database.value(ended, t=school.id) == first
    assert root.post(f"/{school.id}/resume").json["status"] == "ACTIVE"
    assert database.value(ended, t=school.id) is None


@pytest.mark.parametrize("change", ["suspend", "resume", "cancel"])
def test_asked_for_twice_it_is_done_and_written_down_once(
    root: Root, school: School, database: TestDatabase, change: str
) -> None:
    def asked() -> tuple[int, Any]:
        answer = root.post(f"/{school.id}/{change}", {"reason": "Unpaid"})
        return answer.status, answer.json

    assert asked() == asked()
    expected = 0 if change == "resume" else 1
    assert database.value('SELECT count(*) FROM "AuditEvent"') == expected
    assert "Unpaid" not in str(database.rows('SELECT * FROM "AuditEvent"'))


def test_a_plan_below_what_is_used_takes_nothing_away_and_refuses_more(
    root: Root, api: Api, school: School, database: TestDatabase
) -> None:
    made = [book(api, school, next_monday(hour)) for hour in (9, 10, 11)]
    root.patch(school.id, {"limits": {"maxBookingsPerMonth": 2}})
    refused = api.post("/v1/bookings", lesson(school, next_monday(13)))
    assert (refused.status, refused.code) == (403, "plan_limit_reached")
    assert (refused.json["used"], refused.json["allowed"]) == (3, 2)
    assert database.value("""SELECT count(*) FROM "Booking" WHERE status = 'accepted'""") == len(made)
    root.patch(school.id, {"limits": {"maxBookingsPerMonth": 4}})
    assert api.post("/v1/bookings", lesson(school, next_monday(13))).status == 201
