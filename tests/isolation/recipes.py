"""How each operation is called, told by what the caller names: the school's own, another's, or nobody's."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from local.fakes.stripe_delivery import signature_header
from tests.bookings.requests import MAI
from tests.functions import API_HOST
from tests.payments.webhooks import body_of, event

# The functions' clock stands here: a Monday, with a week before the lessons.
NOW = datetime(2030, 6, 3, 8, 0, tzinfo=UTC)
LESSON = datetime(2030, 6, 10, 9, 0, tzinfo=ZoneInfo("America/New_York"))


@dataclass(frozen=True)
class Names:
    """What a request can name of a school. `number` tells requests apart that are not the same one again."""

    host: str
    domain: str
    admin: str
    event_type: int
    teacher: int
    uid: str
    token: str
    import_id: str
    endpoint: str
    secret: str
    number: int = 0

    @property
    def start(self) -> str:
        return (LESSON + timedelta(hours=self.number)).isoformat()

    @property
    def key(self) -> str:
        return f"key {self.number}"


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    host: str = API_HOST
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    claims: dict[str, str] | None = None


def get(names: Names, path: str, **query: Any) -> Call:
    return Call("GET", f"{path}?{urlencode(query)}" if query else path, names.host)


def of_staff(names: Names, method: str, path: str, **more: Any) -> Call:
    return Call(method, path, names.host, claims={"email": names.admin, "email_verified": "true"}, **more)


def of_holder(names: Names, path: str) -> Call:
    return Call("GET", path, names.host, headers={"x-manage-token": names.token})


def slots(names: Names) -> Call:
    day = LESSON.date().isoformat()
    asked = {"start": day, "end": day, "timeZone": "Europe/Paris", "teacherId": names.teacher}
    return get(names, f"/v1/event-types/{names.event_type}/slots", **asked)


def create_booking(names: Names) -> Call:
    asked = {
        "eventTypeId": names.event_type,
        "teacherId": names.teacher,
        "start": names.start,
        "attendee": MAI,
    }
    key = {"idempotency-key": names.key}
    return Call("POST", "/v1/bookings", names.host, json.dumps(asked), key)


def create_import(names: Names) -> Call:
    asked = json.dumps({"eventTypeId": names.event_type, "mode": "merge"})
    key = {"idempotency-key": names.key}
    return of_staff(names, "POST", "/v1/admin/whitelist-imports", body=asked, headers=key)


def stripe_event(names: Names) -> Call:
    body = body_of(event(id=f"evt_{names.number}"))
    signature = {"stripe-signature": signature_header([names.secret], body, int(NOW.timestamp()))}
    return Call("POST", f"/v1/webhooks/stripe/{names.endpoint}", API_HOST, body.decode(), signature)


RECIPES: dict[str, Callable[[Names], Call]] = {
    "health": lambda names: get(names, "/health"),
    "openapi": lambda names: get(names, "/openapi.json"),
    "listEventTypes": lambda names: get(names, "/v1/event-types"),
    "getEventType": lambda names: get(names, f"/v1/event-types/{names.event_type}"),
    "listSlots": slots,
    "createBooking": create_booking,
    "getBooking": lambda names: of_holder(names, f"/v1/bookings/{names.uid}"),
    "getCalendar": lambda names: of_holder(names, f"/v1/bookings/{names.uid}/calendar.ics"),
    "getMe": lambda names: of_staff(names, "GET", "/v1/admin/me"),
    "createWhitelistImport": create_import,
    "getWhitelistImport": lambda names: of_staff(
        names, "GET", f"/v1/admin/whitelist-imports/{names.import_id}"
    ),
    "receiveStripeEvent": stripe_event,
}
