"""An admin's first day: something to book, somebody who teaches it, hours, and a student finds them."""

from datetime import UTC, datetime, timedelta

from local.demo_steps import DoesNotHold, Visitor, show
from local.stack import Stack

EVERY_DAY = [{"days": [0, 1, 2, 3, 4, 5, 6], "start": "18:00", "end": "20:00"}]


def first_day(stack: Stack) -> None:
    admin = Visitor(stack, "aurora", stack.state["tenants"]["aurora"]["adminToken"])
    anyone = Visitor(stack, "aurora")
    draft = {"title": "Evening talk", "length": 60, "minimumBookingNotice": 0}
    talk = show("the admin drafts a lesson", admin.ask("POST", "/v1/admin/event-types", draft), expect=201)
    tara = {"name": "Tara Tran", "email": "tara@aurora.example", "timeZone": "Europe/Paris"}
    teacher = show("takes on a teacher", admin.ask("POST", "/v1/admin/teachers", tara), expect=201)
    hours = {"teacherId": teacher["id"], "timeZone": "Europe/Paris", "weekly": EVERY_DAY}
    evenings = show("says when", admin.ask("POST", "/v1/admin/schedules", hours), expect=201)
    teaches = {"eventTypeId": talk["id"], "teacherId": teacher["id"], "scheduleId": evenings["id"]}
    show(
        "and what she teaches",
        admin.ask("POST", "/v1/admin/assignments", {**teaches, "isPublished": True}),
        expect=201,
    )
    day = datetime.now(UTC).date() + timedelta(days=2)
    slots = f"/v1/event-types/{talk['id']}/slots?start={day}&end={day}&timeZone=Europe/Paris"
    show("nobody sees a draft", anyone.ask("GET", slots), expect=404, code="event_type_not_found")
    path = f"/v1/admin/event-types/{talk['id']}"
    show("it is published", admin.ask("PATCH", path, {"isPublished": True}), expect=200)
    found = show("a student looks", anyone.ask("GET", slots), expect=200)["slots"]
    if [slot["start"][11:16] for slot in found] != ["18:00", "19:00"]:
        raise DoesNotHold("what is offered is not what was entered")
    show("who did all that", admin.ask("GET", "/v1/admin/audit?limit=5"), expect=200)
