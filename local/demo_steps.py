"""What the demonstration is told with: visitors of the schools, and steps that must come back as expected."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener, urlopen

from local.stack import Stack

PATIENCE_SECONDS = 30
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

    def event_type(self, slug: str) -> int:
        """Its id."""
        offered = self.stack.state["tenants"][self.school]["eventTypes"]
        return next(int(one["id"]) for one in offered if one["slug"] == slug)

    def lesson(self, slug: str, name: str, *, last: bool = False) -> dict[str, Any]:
        """A booking of the first free time of an event type, or of the last one of the week to come."""
        event_type = self.event_type(slug)
        day = datetime.now(UTC).date() + timedelta(days=1)
        slots = self.ask(
            "GET", f"/v1/event-types/{event_type}/slots?start={day}&end={day + timedelta(days=7)}"
        )
        attendee = {"name": name, "email": f"{name.lower()}@example.com", "timeZone": "Asia/Ho_Chi_Minh"}
        slot = slots.document["slots"][-1 if last else 0]
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


def post_file(url: str, fields: dict[str, str], content: bytes) -> Told:
    """A form whose last field is a file, as a browser sends it (RFC 7578)."""
    mark, line = "end-of-a-part", "\r\n"
    parts = [f'name="{name}"{line}{line}{value}' for name, value in fields.items()]
    parts.append(f'name="file"; filename="list.csv"{line}Content-Type: text/csv{line}{line}')
    form = line.join(f"--{mark}{line}Content-Disposition: form-data; {part}" for part in parts)
    body = form.encode() + content + f"{line}--{mark}--{line}".encode()
    return send("POST", url, body, {"Content-Type": f"multipart/form-data; boundary={mark}"})


def press(page: str, action: str) -> None:
    """A button of the page where people pay; where that leads to is the school's own site."""
    form = urlencode({"action": action}).encode()
    opener = build_opener(_Stay)
    try:
        opener.open(Request(page, form, method="POST"), timeout=60)  # noqa: S310  # loopback only
    except HTTPError as led_on:
        if led_on.code != HTTPStatus.SEE_OTHER:
            raise DoesNotHold(f"the page answers {led_on.code}") from None


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Goes nowhere."""


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


def run_schedule(stack: Stack, name: str) -> Told:
    return send("POST", f"{stack.api_url}/_local/schedules/{name}/run", b"", {})


def mail_to(stack: Stack, address: str) -> Any:
    mails = send("GET", f"{stack.api_url}/_local/mail.json", None, {}).document
    return next((mail["subject"] for mail in mails if address in mail["to"]), None)
