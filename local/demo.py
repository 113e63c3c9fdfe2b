"""`make demo`: the whole story without a person, on a fresh run; exits 0 only when all of it held."""

import sys
import tempfile
from pathlib import Path
from typing import Any

from local.database import connected
from local.demo_first_day import first_day
from local.demo_steps import (
    DoesNotHold,
    Visitor,
    eventually,
    mail_to,
    post_file,
    press,
    run_schedule,
    send,
    show,
)
from local.stack import Stack, running_stack

ROOT = Path(__file__).resolve().parents[1]
DRAFTS = """
    SELECT t.subdomain, e.title FROM "EventType" e JOIN "Tenant" t ON t.id = e."tenantId"
    WHERE e."immersioCourseId" IS NOT NULL AND NOT e."isPublished" ORDER BY e.id
"""


def book(stack: Stack) -> None:
    mai, linh = Visitor(stack, "aurora"), Visitor(stack, "aurora")
    lesson = mai.lesson("conversation", "Mai")
    key = {"Idempotency-Key": "demo"}
    made = show("Mai books a lesson", mai.ask("POST", "/v1/bookings", lesson, **key), expect=201)
    again = show("her phone sends it again", mai.ask("POST", "/v1/bookings", lesson, **key), expect=201)
    if again["uid"] != made["uid"]:
        raise DoesNotHold("the same key made another booking")
    late = {**lesson, "attendee": {**lesson["attendee"], "name": "Linh", "email": "linh@example.com"}}
    taken = linh.ask("POST", "/v1/bookings", late)
    show("Linh wants the same time", taken, expect=409, code="slot_taken")
    show("the worker runs", run_schedule(stack, "EveryMinute"), expect=200)
    eventually("Mai has a mail", lambda: mail_to(stack, "mai@example.com"))


def change_plans(stack: Stack) -> None:
    mai = Visitor(stack, "aurora")
    made = show(
        "Mai books another", mai.ask("POST", "/v1/bookings", mai.lesson("conversation", "Mai")), expect=201
    )
    held = {"X-Manage-Token": made["manageToken"]}
    later = {"start": mai.lesson("conversation", "Mai")["start"]}
    path = f"/v1/bookings/{made['uid']}"
    moved = show("and moves it", mai.ask("POST", f"{path}/reschedule", later, **held), expect=201)
    show("the old link", mai.ask("POST", f"{path}/cancel", {}, **held), expect=409, code="booking_moved")
    path, held = f"/v1/bookings/{moved['uid']}", {"X-Manage-Token": moved["manageToken"]}
    gone = show("she cancels", mai.ask("POST", f"{path}/cancel", {"reason": "I am ill"}, **held), expect=200)
    if gone["status"] != "cancelled":
        raise DoesNotHold("the booking is not cancelled")


def fill_a_workshop(stack: Stack) -> None:
    anyone = Visitor(stack, "aurora")
    event_type = anyone.event_type("reading-circle")
    path = f"/v1/event-types/{event_type}/sessions"
    session = show("the sessions", anyone.ask("GET", path), expect=200)["sessions"][0]["sessionNumber"]
    seats = [
        show(
            f"{name} takes a seat", anyone.ask("POST", "/v1/bookings", {**asked, **reader(name)}), expect=201
        )
        for asked in ({"eventTypeId": event_type, "sessionNumber": session},)
        for name in ("An", "Binh", "Chi")
    ]
    waiting = anyone.ask("POST", f"{path}/{session}/waitlist", reader("Dung"))
    show("Dung waits", waiting, expect=201)
    first = {"X-Manage-Token": seats[0]["manageToken"]}
    show("An cancels", anyone.ask("POST", f"/v1/bookings/{seats[0]['uid']}/cancel", {}, **first), expect=200)
    show("the worker runs", run_schedule(stack, "EveryMinute"), expect=200)
    eventually("Dung is offered the seat", lambda: mail_to(stack, "dung@example.com"))


def reader(name: str) -> dict[str, Any]:
    return {"attendee": {"name": name, "email": f"{name.lower()}@example.com", "timeZone": "Europe/Paris"}}


def import_whitelist(stack: Stack) -> None:
    admin = Visitor(stack, "aurora", stack.state["tenants"]["aurora"]["adminToken"])
    lan = Visitor(stack, "aurora")
    lesson = lan.lesson("alumni-club", "Lan")
    refused = lan.ask("POST", "/v1/bookings", lesson)
    show("Lan is not on the list", refused, expect=403, code="not_whitelisted")
    wanted = {"eventTypeId": lesson["eventTypeId"], "mode": "merge"}
    made = show(
        "the admin asks for an upload", admin.ask("POST", "/v1/admin/whitelist-imports", wanted), expect=201
    )
    upload = made["upload"]
    csv = b"email\nlan@example.com\nnot an address\n"
    show("and posts a CSV there", post_file(upload["url"], upload["fields"], csv), expect=204)
    path = f"/v1/admin/whitelist-imports/{made['id']}"

    def finished() -> Any:
        told = admin.ask("GET", path).document
        return told if told["status"] == "COMPLETED" else None

    eventually("it is imported", finished)
    show("Lan books", lan.ask("POST", "/v1/bookings", lesson), expect=201)


def sync(stack: Stack) -> None:
    school = stack.state["tenants"]["aurora"]
    admin = Visitor(stack, "aurora", school["adminToken"])
    show("Immersio takes the keys", admin.ask("POST", "/v1/admin/immersio/test"), expect=200)
    show("the admin wants the sync now", admin.ask("POST", "/v1/admin/immersio/sync", {}), expect=202)

    def drafts() -> Any:
        run_schedule(stack, "SyncImmersio")
        with connected(stack.foundation.database.owner_url) as connection:
            return connection.run(DRAFTS)

    eventually("courses are drafts of their schools", drafts)
    mai = Visitor(stack, "aurora")
    lesson = mai.lesson("conversation", "Mai")
    made = show("Mai books a lesson of a course", mai.ask("POST", "/v1/bookings", lesson), expect=201)
    run_schedule(stack, "EveryMinute")
    control = f"{stack.state['immersio']['controlUrl']}/schools/{school['immersioApiKey']}"

    def arrived() -> Any:
        run_schedule(stack, "SyncImmersio")
        there = send("GET", control, None, {}).document["bookings"]
        return next((each for each in there if each["id"] == made["uid"]), None)

    eventually("it has arrived at Immersio", arrived)
    logs = admin.ask("GET", "/v1/admin/immersio/logs?syncType=BOOKING")
    if not show("the log tells of it", logs, expect=200)["logs"]:
        raise DoesNotHold("the log does not tell of the booking")


def pay_and_refund(stack: Stack) -> None:
    mai = Visitor(stack, "aurora")
    admin = Visitor(stack, "aurora", stack.state["tenants"]["aurora"]["adminToken"])
    show("the keys work", admin.ask("POST", "/v1/admin/settings/stripe/test", {}), expect=200)
    lesson = mai.lesson("exam-coaching", "Mai", last=True)
    made = show("Mai books what costs money", mai.ask("POST", "/v1/bookings", lesson), expect=201)
    path, held = f"/v1/bookings/{made['uid']}", {"X-Manage-Token": made["manageToken"]}
    press(made["payment"]["checkoutUrl"], "pay")

    def seen(status: str, refunded: int) -> Any:
        run_schedule(stack, "SettlePayments")
        told = mai.ask("GET", path, **held).document
        given = sum(each["amount"] for each in told.get("refunds") or () if each["status"] == "SUCCEEDED")
        return told if (told["status"], given) == (status, refunded) else None

    eventually("she has paid at Stripe, and it is booked", lambda: seen("accepted", 0))
    show("she cancels in time", mai.ask("POST", f"{path}/cancel", {}, **held), expect=200)
    eventually("and has her money back", lambda: seen("cancelled", 1500))


def open_month(stack: Stack) -> None:
    first = show("the month is opened", run_schedule(stack, "FirstOfMonth"), expect=200)
    if show("and once more", run_schedule(stack, "FirstOfMonth"), expect=200) != first:
        raise DoesNotHold("the second run of the month did something else")


STORY = (first_day, book, change_plans, fill_a_workshop, import_whitelist, sync, pay_and_refund, open_month)


def main() -> int:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            with running_stack(ROOT, Path(folder), progress=print) as stack:
                for chapter in STORY:
                    print(chapter.__name__.replace("_", " "))
                    chapter(stack)
        except DoesNotHold as reason:
            print(f"Does not hold: {reason}", file=sys.stderr)
            return 1
    print("All of it held.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
