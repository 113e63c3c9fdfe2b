"""The fake Immersio refuses what the contract does not allow, and remembers what it should."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from local.fakes.immersio import World, immersio_app
from local.fakes.immersio.schools import School as Theirs
from local.web import serving
from shared.clients.immersio_signing import query_text, signed_headers

BOOKING = {
    "course_id": "c1",
    "student_id": "s1",
    "start_at": "2026-12-01T10:00:00.000Z",
    "end_at": "2026-12-01T10:30:00.000Z",
    "status": "accepted",
    "paid": False,
    "amount_minor": 0,
    "currency": "EUR",
    "version": 5,
}
ENROLLMENT = {
    "course_id": "c1",
    "student": {"email": "mai@example.com", "given_name": "Mai", "family_name": "Tran"},
    "role": "student",
    "status": "active",
    "begin_date": "2026-12-01",
    "end_date": "2026-12-01",
    "version": 5,
}


class Caller:
    """Signs as the contract says."""

    def __init__(self, world: World, url: str) -> None:
        self.world, self.url = world, url
        self.school = world.schools["key"] = Theirs("key", ["secret"])
        self.school.put_course({"id": "c1", "title": "English"}, world.now())
        self.school.put_student({"id": "s1", "courses": ["c1"]}, world.now())

    def ask(self, method: str, path: str, body: Any = None, *, query: str = "") -> httpx.Response:
        content = b"" if body is None else json.dumps(body).encode()
        headers = signed_headers(
            "key", "secret", method, path, query, now=self.world.seconds(), body=content
        ) | ({"Content-Type": "application/json"} if content else {})
        target = f"{self.url}{path}{'?' + query if query else ''}"
        return httpx.request(method, target, content=content, headers=headers, trust_env=False)


@pytest.fixture
def caller() -> Iterator[Caller]:
    world = World()
    with serving(immersio_app(world), threads=2) as url:
        yield Caller(world, url)


def told(answer: httpx.Response) -> tuple[int, str | None]:
    document = answer.json()
    return answer.status_code, document.get("code")


# ── Signatures ──────────────────────────────────────────────────────────────────────────────────
def test_a_body_cannot_be_changed_under_its_signature(caller: Caller) -> None:
    headers = signed_headers(
        "key", "secret", "PUT", "/v1/bookings/b1", "", now=time.time(), body=json.dumps(BOOKING).encode()
    )
    answer = httpx.put(f"{caller.url}/v1/bookings/b1", json=BOOKING | {"paid": True}, headers=headers)
    assert told(answer) == (401, "invalid_signature")


def test_a_query_that_is_not_sorted_is_not_signed(caller: Caller) -> None:
    query = "limit=1&cursor=x"
    assert query != query_text({"limit": "1", "cursor": "x"})
    assert told(caller.ask("GET", "/v1/courses", query=query)) == (401, "invalid_signature")


@pytest.mark.parametrize(
    "nonce",
    ["", "1", "74e879e0-e6b9-11f1-b035-02fc00000001", "E028A6B3-6F0C-4095-9852-9A52FDF82B7B"],
)
def test_a_nonce_is_a_random_uuid(caller: Caller, nonce: str) -> None:
    headers = signed_headers("key", "secret", "GET", "/v1/ping", "", now=time.time())
    answer = httpx.get(f"{caller.url}/v1/ping", headers=headers | {"X-Nonce": nonce}, trust_env=False)
    assert told(answer) == (401, "malformed_signature")


def test_a_clock_that_is_far_off_is_refused_on_both_sides(caller: Caller) -> None:
    assert caller.ask("GET", "/v1/ping").status_code == 200
    headers = signed_headers("key", "secret", "GET", "/v1/ping", "", now=time.time())
    caller.world.skew = 301
    answer = httpx.get(f"{caller.url}/v1/ping", headers=headers, trust_env=False)
    assert told(answer) == (401, "timestamp_skew")


# ── Writes ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "change",
    [
        {"course_id": "c2"},
        {"student_id": "s2"},
        {"start_at": "2026-12-01T10:00:00Z"},
        {"start_at": "2026-12-01T11:00:00.000+01:00"},
        {"end_at": "2026-12-01T10:00:00.000Z"},
        {"status": "paid"},
        {"paid": "yes"},
        {"amount_minor": -1},
        {"amount_minor": 1.5},
        {"currency": "eur"},
        {"version": "5"},
        {"more": 1},
    ],
    ids=str,
)
def test_a_booking_that_is_none_is_refused(caller: Caller, change: dict[str, Any]) -> None:
    assert caller.ask("PUT", "/v1/bookings/b1", BOOKING | change).status_code == 422
    assert caller.school.bookings == {}


@pytest.mark.parametrize(
    "change",
    [
        {"course_id": "c2"},
        {"student": {}},
        {"student": {"id": "s2"}},
        {"student": {"email": "nobody", "given_name": "A"}},
        {"role": "teacher"},
        {"begin_date": "2026-12-01T00:00:00.000Z"},
        {"status": "enrolled"},
    ],
    ids=str,
)
def test_an_enrolment_that_is_none_is_refused(caller: Caller, change: dict[str, Any]) -> None:
    assert caller.ask("PUT", "/v1/enrollments/b1", ENROLLMENT | change).status_code == 422
    assert caller.school.pushed == {}


@pytest.mark.parametrize(("path", "body"), [("bookings", BOOKING), ("enrollments", ENROLLMENT)])
def test_the_same_write_has_one_effect_and_an_older_one_none(
    caller: Caller, path: str, body: dict[str, Any]
) -> None:
    first = caller.ask("PUT", f"/v1/{path}/b1", body)
    assert caller.ask("PUT", f"/v1/{path}/b1", body).json() == first.json()
    assert told(caller.ask("PUT", f"/v1/{path}/b1", body | {"version": 4})) == (409, "stale_version")
    assert len(caller.school.writes) == 1
    assert caller.ask("PUT", f"/v1/{path}/b1", body | {"version": 6}).status_code == 200
    assert len(caller.school.writes) == 2


@pytest.mark.parametrize("path", ["bookings", "enrollments"])
def test_what_was_never_there_can_be_deleted(caller: Caller, path: str) -> None:
    assert caller.ask("DELETE", f"/v1/{path}/b1").json()["status"] == "tobedeleted"


def test_what_was_deleted_does_not_come_back_by_the_same_version(caller: Caller) -> None:
    caller.ask("PUT", "/v1/bookings/b1", BOOKING)
    for _ in range(2):
        assert caller.ask("DELETE", "/v1/bookings/b1").status_code == 200
    assert told(caller.ask("PUT", "/v1/bookings/b1", BOOKING)) == (409, "stale_version")


# ── Lists ───────────────────────────────────────────────────────────────────────────────────────
def test_tombstones_are_forgotten_after_thirty_days_and_what_asks_further_back_has_expired(
    caller: Caller,
) -> None:
    caller.school.put_course({"id": "c2", "title": "French", "status": "tobedeleted"}, caller.world.now())
    asked = query_text({"include_deleted": "true"})
    since = query_text({"include_deleted": "true", "updated_since": "2026-01-01T00:00:00.000Z"})
    before = [row["id"] for row in caller.ask("GET", "/v1/courses", query=asked).json()["data"]]
    caller.world.clock_offset += timedelta(days=31).total_seconds()
    after = [row["id"] for row in caller.ask("GET", "/v1/courses", query=asked).json()["data"]]
    assert (before, after) == (["c1", "c2"], ["c1"])
    assert told(caller.ask("GET", "/v1/courses", query=since)) == (410, "cursor_expired")


def test_a_cursor_expires_too(caller: Caller) -> None:
    for number in range(3):
        caller.school.put_course({"id": f"d{number}", "title": "More"}, caller.world.now())
    cursor = caller.ask("GET", "/v1/courses", query="limit=1").json()["next_cursor"]
    query = query_text({"limit": "1", "cursor": cursor})
    assert caller.ask("GET", "/v1/courses", query=query).json()["data"][0]["id"] == "d0"
    caller.world.clock_offset += timedelta(days=31).total_seconds()
    assert told(caller.ask("GET", "/v1/courses", query=query)) == (410, "cursor_expired")


def test_a_students_row_and_enrolments_are_told(caller: Caller) -> None:
    assert caller.ask("GET", "/v1/students/s1").json()["id"] == "s1"
    assert told(caller.ask("GET", "/v1/students/s2")) == (404, "student_not_found")
    (enrolment,) = caller.ask("GET", "/v1/enrollments").json()["data"]
    assert (enrolment["course_id"], enrolment["student_id"]) == ("c1", "s1")
    assert [row["id"] for row in caller.ask("GET", "/v1/courses/c1/students").json()["data"]] == ["s1"]
    assert told(caller.ask("GET", "/v1/courses/c2/students")) == (404, "course_not_found")


# ── Limits ──────────────────────────────────────────────────────────────────────────────────────
def test_a_call_too_many_in_any_minute_is_told_when_to_come_again(caller: Caller) -> None:
    caller.world.calls_a_minute = 3
    left = [caller.ask("GET", "/v1/ping").headers["RateLimit-Remaining"] for _ in range(3)]
    refused = caller.ask("GET", "/v1/ping")
    assert (left, told(refused)) == (["2", "1", "0"], (429, "rate_limited"))
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    caller.world.clock_offset += 61
    assert caller.ask("GET", "/v1/ping").status_code == 200
