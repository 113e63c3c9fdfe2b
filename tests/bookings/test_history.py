"""Who did what to a booking, and when."""

from collections.abc import Callable
from datetime import datetime

from tests.bookings.life import Staff, book, cancel, move
from tests.bookings.requests import next_monday
from tests.functions import Api
from tests.schools import School

At = Callable[[datetime], None]


def test_of_a_new_booking_only_its_making_is_told(api: Api, admin: Staff, school: School) -> None:
    made = book(api, school, next_monday(9))
    seen = admin.get(f"/{made['uid']}").json
    assert seen["history"] == [{"type": "CREATED", "at": seen["createdAt"]}]


def test_every_change_is_told_with_who_made_it_and_when(
    api: Api, admin: Staff, school: School, at: At
) -> None:
    school.change("EventType", school.lesson_id, requiresConfirmation=True)
    made = book(api, school, next_monday(9))
    at(next_monday(7))
    admin.post(f"/{made['uid']}/confirm")
    at(next_monday(8))
    cancel(api, made, "Ill")
    _, confirmed, cancelled = admin.get(f"/{made['uid']}").json["history"]
    assert datetime.fromisoformat(confirmed.pop("at")) == next_monday(7)
    assert confirmed == {"type": "CONFIRMED", "actor": "STAFF", "actorId": school.admin_id}
    assert datetime.fromisoformat(cancelled.pop("at")) == next_monday(8)
    assert cancelled == {"type": "CANCELLED", "actor": "ATTENDEE", "details": {"reason": "Ill"}}


def test_a_move_is_told_where_it_went_and_where_it_came_from(api: Api, admin: Staff, school: School) -> None:
    made = book(api, school, next_monday(9))
    child = move(api, made, next_monday(11)).json
    old, new = admin.get(f"/{made['uid']}").json, admin.get(f"/{child['uid']}").json
    assert (old["rescheduledTo"], new["rescheduledFrom"]) == (child["uid"], made["uid"])
    _, moved = old["history"]
    assert moved["type"] == "RESCHEDULED"
    assert datetime.fromisoformat(moved["details"]["to"]) == next_monday(11)
    assert [event["type"] for event in new["history"]] == ["CREATED"]
