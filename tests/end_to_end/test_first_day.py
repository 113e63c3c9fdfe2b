"""An admin's first day at a new school, over HTTP: a student books what was set up in the morning."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from local.stack import Stack
from tests.end_to_end.test_stories import as_admin
from tests.end_to_end.test_workshop_story import http as http  # noqa: PLC0414  # the fixture

LOTUS = {"X-Tenant": "lotus"}


def test_what_an_admin_sets_up_is_found_and_booked(stack: Stack, http: httpx.Client) -> None:
    admin = as_admin(stack, "lotus")

    def made(path: str, **asked: Any) -> dict[str, Any]:
        answer = http.post(f"/v1/admin/{path}", json=asked, headers=admin)
        assert answer.status_code == 201, answer.text
        told: dict[str, Any] = answer.json()
        return told

    talk = made("event-types", title="Nói chuyện", length=60, minimumBookingNotice=0)
    teacher = made(
        "teachers", name="Hoa", email="hoa@lotus.example", timeZone="Asia/Ho_Chi_Minh", locale="vi"
    )
    every_day = [{"days": [0, 1, 2, 3, 4, 5, 6], "start": "23:00", "end": "24:00"}]
    hours = made("schedules", teacherId=teacher["id"], timeZone="Asia/Ho_Chi_Minh", weekly=every_day)
    teaching = made(
        "assignments",
        eventTypeId=talk["id"],
        teacherId=teacher["id"],
        scheduleId=hours["id"],
        isPublished=True,
    )
    day = datetime.now(UTC).date() + timedelta(days=3)
    asked = {"start": str(day), "end": str(day), "timeZone": "Asia/Ho_Chi_Minh"}

    def slots() -> httpx.Response:
        return http.get(f"/v1/event-types/{talk['id']}/slots", params=asked, headers=LOTUS)

    assert (talk["slug"], slots().status_code) == ("noi-chuyen", 404)
    seen = http.get(f"/v1/admin/event-types/{talk['id']}", headers=admin)
    published = http.patch(
        f"/v1/admin/event-types/{talk['id']}",
        json={"isPublished": True},
        headers={**admin, "If-Match": seen.headers["etag"]},
    )
    assert published.status_code == 200
    (slot,) = slots().json()["slots"]
    assert (slot["start"][11:16], slot["teacherIds"]) == ("23:00", [teacher["id"]])
    mai = {"name": "Mai", "email": "mai@example.com", "timeZone": "Asia/Ho_Chi_Minh"}
    booking = {"eventTypeId": talk["id"], "start": slot["start"], "attendee": mai}
    assert http.post("/v1/bookings", json=booking, headers=LOTUS).status_code == 201
    gone = http.post(f"/v1/admin/teachers/{teacher['id']}/lock", headers=admin).json()
    assert (gone["isLocked"], len(gone["upcomingBookings"])) == (True, 1)
    assert slots().json()["slots"] == []
    over = http.delete(f"/v1/admin/assignments/{teaching['id']}", headers=admin)
    assert (over.status_code, over.content) == (204, b"")
    trail = http.get("/v1/admin/audit", headers=admin).json()["events"]
    assert [event["action"] for event in trail][:2] == ["assignment.deleted", "teacher.locked"]
