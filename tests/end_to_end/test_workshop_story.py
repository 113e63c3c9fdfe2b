"""A circle of three readers, over HTTP: it fills, somebody waits, and a seat comes free."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local.stack import Stack
from tests.end_to_end.test_stories import as_admin, event_type

AURORA = {"X-Tenant": "aurora"}


@pytest.fixture
def http(stack: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.api_url, trust_env=False, timeout=60) as client:
        yield client


def reader(name: str) -> dict[str, str]:
    return {"name": name, "email": f"{name.lower()}@example.com", "timeZone": "Europe/Paris"}


def test_a_seat_that_comes_free_goes_to_who_waits(stack: Stack, http: httpx.Client) -> None:
    circle = event_type(stack, "reading-circle")
    path = f"/v1/event-types/{circle}/sessions"
    sessions = http.get(path, headers=AURORA).json()["sessions"]
    assert [one["sessionNumber"] for one in sessions] == [1, 2, 3, 4, 5, 6]

    def book(name: str, **named: Any) -> httpx.Response:
        asked = {"eventTypeId": circle, "attendee": reader(name), **named}
        return http.post("/v1/bookings", json=asked, headers=AURORA)

    series = book("Ann", series="all").json()
    assert len(series["seats"]) == 6
    assert [book(name, sessionNumber=1).status_code for name in ("Bea", "Cleo", "Dora")] == [201, 201, 409]

    waiting = http.post(f"{path}/1/waitlist", json={"attendee": reader("Dora")}, headers=AURORA).json()
    assert waiting["position"] == 1
    first = series["seats"][0]
    mine = {**AURORA, "X-Manage-Token": first["manageToken"]}
    assert http.post(f"/v1/bookings/{first['uid']}/cancel", headers=mine).json()["status"] == "cancelled"
    doras = {**AURORA, "X-Manage-Token": waiting["token"]}
    offered = http.get(f"/v1/waitlist-entries/{waiting['id']}", headers=doras).json()
    assert offered["status"] == "OFFERED"
    accepted = http.post(f"/v1/bookings/{offered['bookingUid']}/accept", headers=doras).json()
    assert (accepted["status"], accepted["sessionNumber"]) == ("accepted", 1)

    admin = as_admin(stack, "aurora")
    ended = http.post(f"/v1/admin/event-types/{circle}/sessions/2/cancel", headers=admin).json()
    assert ended["bookingsCancelled"] == 1
    left = [one["seatsLeft"] for one in http.get(path, headers=AURORA).json()["sessions"]]
    assert left == [0, 2, 2, 2, 2]
