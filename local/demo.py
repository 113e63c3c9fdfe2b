"""`make demo`: the whole story without a person, on a fresh run; exits 0 only when all of it held."""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from local.database import connected
from local.stack import Stack, running_stack

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_SECONDS = 30
DRAFTS = """
    SELECT t.subdomain, e.title FROM "EventType" e JOIN "Tenant" t ON t.id = e."tenantId"
    WHERE e."immersioCourseId" IS NOT NULL AND NOT e."isPublished" ORDER BY e.id
"""
SHOWN_CHARACTERS = 160


class DoesNotHold(Exception):
    """A step came back with something else than it should."""


@dataclass(frozen=True)
class Told:
    """What came back: the status, and the JSON document or None."""

    status: int
    document: Any


@dataclass(frozen=True)
class Visitor:
    """Somebody at a school, with or without a token."""

    stack: Stack
    school: str
    token: str | None = None

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Told:
        """Call the API of the run."""
        given = {"X-Tenant": self.school, **headers}
        if self.token:
            given["Authorization"] = f"Bearer {self.token}"
        return send(method, self.stack.api_url + path, body, given)

    def lesson(self, slug: str, name: str) -> dict[str, Any]:
        """A booking of the first free time of an event type."""
        offered = self.stack.state["tenants"][self.school]["eventTypes"]
        event_type = next(one["id"] for one in offered if one["slug"] == slug)
        day = datetime.now(UTC).date() + timedelta(days=1)
        slots = self.ask(
            "GET", f"/v1/event-types/{event_type}/slots?start={day}&end={day + timedelta(days=7)}"
        )
        attendee = {"name": name, "email": f"{name.lower()}@example.com", "timeZone": "Asia/Ho_Chi_Minh"}
        slot = slots.document["slots"][0]
        taught = {"start": slot["start"], "teacherId": slot["teacherIds"][0]}
        return {"eventTypeId": event_type, "attendee": attendee, **taught}


def send(method: str, url: str, body: Any, headers: dict[str, str]) -> Told:
    """One request to this machine; bytes go as they are, anything else as JSON."""
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    kind = {} if isinstance(body, bytes | None) else {"Content-Type": "application/json"}
    request = Request(url, data, {**kind, **headers}, method=method)  # noqa: S310  # loopback only
    try:
        with urlopen(request, timeout=60) as answer:  # noqa: S310  # as above
            return Told(answer.status, parsed(answer.read()))
    except HTTPError as refused:
        return Told(refused.code, parsed(refused.read()))


def parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def show(step: str, told: Told, *, expect: int, code: str | None = None) -> Any:
    """Print what came back, and go on only when it is what was expected."""
    text = json.dumps(told.document, ensure_ascii=False)
    print(f"  {step}: {told.status} {text[:SHOWN_CHARACTERS]}{'…' if len(text) > SHOWN_CHARACTERS else ''}")
    if told.status != expect or (code is not None and told.document.get("code") != code):
        raise DoesNotHold(f"{step}: expected {expect} {code or ''}")
    return told.document


def eventually(step: str, look: Callable[[], Any]) -> Any:
    """What `look` finds in the end, after some tries."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = look()
        if found:
            print(f"  {step}: {json.dumps(found, ensure_ascii=False)[:SHOWN_CHARACTERS]}")
            return found
        time.sleep(0.2)
    raise DoesNotHold(f"{step}: nothing came")


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
    show("and puts a CSV there", send("PUT", upload["url"], csv, upload["headers"]), expect=200)
    path = f"/v1/admin/whitelist-imports/{made['id']}"

    def finished() -> Any:
        told = admin.ask("GET", path).document
        return told if told["status"] == "COMPLETED" else None

    eventually("it is imported", finished)
    show("Lan books", lan.ask("POST", "/v1/bookings", lesson), expect=201)


def sync(stack: Stack) -> None:
    show("Immersio is asked for courses", run_schedule(stack, "EveryQuarterHour"), expect=200)

    def drafts() -> Any:
        with connected(stack.foundation.database.owner_url) as connection:
            return connection.run(DRAFTS)

    eventually("courses are drafts of their schools", drafts)


def keep_stripes_word(stack: Stack) -> None:
    event = {"type": "charge.succeeded", "data": {"object": {"id": "ch_demo", "object": "charge"}}}
    told = send("POST", f"{stack.state['stripe']['controlUrl']}/events", event, {})
    show("Stripe tells the schools of a charge", told, expect=201)


def open_month(stack: Stack) -> None:
    first = show("the month is opened", run_schedule(stack, "FirstOfMonth"), expect=200)
    if show("and once more", run_schedule(stack, "FirstOfMonth"), expect=200) != first:
        raise DoesNotHold("the second run of the month did something else")


def run_schedule(stack: Stack, name: str) -> Told:
    return send("POST", f"{stack.api_url}/_local/schedules/{name}/run", b"", {})


def mail_to(stack: Stack, address: str) -> Any:
    mails = send("GET", f"{stack.api_url}/_local/mail.json", None, {}).document
    return next((mail["subject"] for mail in mails if address in mail["to"]), None)


STORY = (book, import_whitelist, sync, keep_stripes_word, open_month)


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
