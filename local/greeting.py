"""What a run says when it is ready: where to look, and three lines that book a lesson."""

import json
import secrets
import shlex
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from local.stack import Stack

Tenants = Mapping[str, Mapping[str, Any]]


def greeting(stack: Stack) -> str:
    """The text for the terminal; asks the run itself for a free time, so it must be serving."""
    tenants: Tenants = stack.state["tenants"]
    port = stack.api_url.rsplit(":", 1)[1]
    opened = [f"http://{name}.localhost:{port}/" for name in tenants]
    return "\n".join(
        [
            "",
            "Open",
            f"  {stack.api_url}/_local",
            *(f"  {address}" for address in opened),
            "",
            *booking_lines(stack.api_url, tenants),
            f"Where everything is: {stack.foundation.state_directory / 'state.json'}. Ctrl-C stops.",
        ]
    )


def booking_lines(api_url: str, tenants: Tenants) -> list[str]:
    """Book a lesson (201), see the same time refused to somebody else (409), and ask again (the same uid)."""
    for name, tenant in tenants.items():
        for event_type in tenant["eventTypes"]:
            slot = first_free(api_url, name, event_type["id"]) if event_type["kind"] == "free" else None
            if slot:
                lesson = {
                    "eventTypeId": event_type["id"],
                    "start": slot["start"],
                    "teacherId": slot["teacherIds"][0],
                }
                first, other = (curl(api_url, name, lesson, student) for student in ("Mai", "Linh"))
                return [
                    "Book a lesson (201), ask for the same time as somebody else (409 slot_taken),",
                    "and repeat the first request (the same uid):",
                    *(f"  {line}" for line in (first, other, first)),
                    "",
                ]
    return []


def first_free(api_url: str, tenant: str, event_type: int) -> dict[str, Any] | None:
    """The first slot from tomorrow on, as the API tells it; None where it tells none."""
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    asked = urlencode({"start": tomorrow, "end": tomorrow + timedelta(days=13)})
    address = f"{api_url}/v1/event-types/{event_type}/slots?{asked}"
    request = Request(address, headers={"X-Tenant": tenant})  # noqa: S310  # our own gateway's http address
    try:
        with urlopen(request, timeout=20) as answer:  # noqa: S310  # as above
            slots: list[dict[str, Any]] = json.load(answer)["slots"]
    except HTTPError:
        return None
    return slots[0] if slots else None


def curl(api_url: str, tenant: str, lesson: Mapping[str, Any], name: str) -> str:
    """A line for the shell, with a key of its own."""
    attendee = {"name": name, "email": f"{name.lower()}@example.com", "timeZone": "Asia/Ho_Chi_Minh"}
    body, key = json.dumps({**lesson, "attendee": attendee}), secrets.token_hex(4)
    arguments = [
        "curl", "-sw", r"\n%{http_code}\n", f"{api_url}/v1/bookings", "-H", f"X-Tenant: {tenant}",
        "-H", "Content-Type: application/json", "-H", f"Idempotency-Key: {key}", "-d", body,
    ]  # fmt: skip
    return shlex.join(arguments)
