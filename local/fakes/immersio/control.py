"""The control plane: what people, clocks and networks do to Immersio. Bodies are JSON.

POST schools {apiKey, apiSecret, previousSecret?} · GET schools/{apiKey} (all its rows, the calls seen, the
writes that had an effect) · PUT courses {apiKey, courses: [{id, title, …}]} · PUT students {apiKey, students:
[{id, email, courses: [id], …}]} (`status: tobedeleted` deletes, a told `updated_at` or `version` is kept) ·
POST hints {apiKey, url, secret, type, id} (tells a webhook) · POST clock {skewSeconds} · POST limits
{callsAMinute} · POST faults [{kind, times, …}] · DELETE faults.
"""

import hmac
import json
import uuid
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request as Letter
from urllib.request import urlopen

from pydantic import TypeAdapter
from werkzeug.wrappers import Request

from local.fakes.immersio.faults import Fault
from local.fakes.immersio.schools import School
from local.fakes.immersio.world import World

FAULTS = TypeAdapter(list[Fault])
SHOWN = ("courses", "students", "enrollments", "bookings")


def add_school(world: World, request: Request) -> dict[str, Any]:
    told = request.get_json()
    secrets = [told["apiSecret"], *filter(None, [told.get("previousSecret")])]
    known = world.schools.setdefault(told["apiKey"], School(told["apiKey"], secrets))
    known.secrets = secrets
    return {"apiKey": known.api_key, "courses": len(known.courses)}


def show_school(world: World, _: Request, api_key: str) -> dict[str, Any]:
    school = world.known(api_key)
    rows = {name: list(getattr(school, name).values()) for name in SHOWN}
    more = {"writes": school.writes, "limited": school.limited}
    return {**rows, **more, "requests": list(school.requests)}


def put_courses(world: World, request: Request) -> dict[str, Any]:
    told = request.get_json()
    school = world.known(told["apiKey"])
    for course in told["courses"]:
        school.put_course(course, world.now())
    return {"courses": len(school.courses)}


def put_students(world: World, request: Request) -> dict[str, Any]:
    told = request.get_json()
    school = world.known(told["apiKey"])
    for student in told["students"]:
        school.put_student(student, world.now())
    return {"students": len(school.students)}


def send_hint(world: World, request: Request) -> dict[str, Any]:
    """Tell whoever listens at `url` that something has changed; the answer is theirs."""
    told = request.get_json()
    hint, stamp = f"evt_{uuid.uuid4().hex}", str(int(world.seconds()))
    body = json.dumps({"type": told["type"], "id": told["id"]}).encode()
    signed = f"{hint}.{stamp}.".encode() + body
    signature = hmac.new(told["secret"].encode(), signed, "sha256").hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-Webhook-Id": hint,
        "X-Webhook-Timestamp": stamp,
        "X-Webhook-Signature": f"v1={signature}",
    }
    letter = Letter(told["url"], body, headers, method="POST")  # noqa: S310  # loopback only
    try:
        with urlopen(letter, timeout=20) as answer:  # noqa: S310  # as above
            return {"status": answer.status}
    except HTTPError as refused:
        return {"status": refused.code}


def set_clock(world: World, request: Request) -> dict[str, Any]:
    world.skew = float(request.get_json()["skewSeconds"])
    return {"skewSeconds": world.skew}


def set_limits(world: World, request: Request) -> dict[str, Any]:
    world.calls_a_minute = int(request.get_json()["callsAMinute"])
    return {"callsAMinute": world.calls_a_minute}


def add_faults(world: World, request: Request) -> dict[str, Any]:
    faults = FAULTS.validate_python(request.get_json())
    world.faults.add(faults)
    return {"added": len(faults)}


def clear_faults(world: World, _: Request) -> dict[str, Any]:
    world.faults.clear()
    return {}


CONTROLS: dict[str, Callable[..., dict[str, Any]]] = {
    "POST /_control/schools": add_school,
    "GET /_control/schools/<api_key>": show_school,
    "PUT /_control/courses": put_courses,
    "PUT /_control/students": put_students,
    "POST /_control/hints": send_hint,
    "POST /_control/clock": set_clock,
    "POST /_control/limits": set_limits,
    "POST /_control/faults": add_faults,
    "DELETE /_control/faults": clear_faults,
}
