"""Immersio as the contract has it: the reading side for courses, strict, with a world for each key.

Under /_control people and tests drive it:
POST /_control/schools {apiKey, apiSecret, previousSecret?} · GET /_control/schools/{apiKey} (calls seen) ·
PUT /_control/courses {apiKey, courses: [{id, title, …}]} (`status: tobedeleted` deletes) ·
POST /_control/faults [{kind, times, …}] · DELETE /_control/faults.
"""

import gzip
import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from local.fakes.immersio_auth import caller
from local.fakes.immersio_faults import Fault, befall
from local.fakes.immersio_schools import CourseQuery, Refused, School, timestamp
from local.fakes.waiting_faults import WaitingFaults

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

RETRYABLE = {408, 425, 429, 500, 502, 503, 504}

ROUTES = Map(
    [
        Rule("/v1/ping", methods=["GET"], endpoint="ping"),
        Rule("/v1/courses", methods=["GET"], endpoint="courses"),
        Rule("/v1/courses/<course_id>", methods=["GET"], endpoint="course"),
        Rule("/_control/schools", methods=["POST"], endpoint="add_school"),
        Rule("/_control/schools/<api_key>", methods=["GET"], endpoint="show_school"),
        Rule("/_control/courses", methods=["PUT"], endpoint="put_courses"),
        Rule("/_control/faults", methods=["POST"], endpoint="add_faults"),
        Rule("/_control/faults", methods=["DELETE"], endpoint="clear_faults"),
    ],
    merge_slashes=False,
)

FAULTS = TypeAdapter(list[Fault])


def immersio_app() -> "WSGIApplication":
    """A new Immersio without schools."""
    fake = FakeImmersio()

    @Request.application
    def application(request: Request) -> Response:
        return fake.answer(request)

    return application


class FakeImmersio:
    """The answers; every method named after a route's endpoint gives the document of its answer."""

    def __init__(self) -> None:
        self.schools: dict[str, School] = {}
        self.faults: WaitingFaults[Fault] = WaitingFaults()

    def answer(self, request: Request) -> Response:
        try:
            endpoint, values = ROUTES.bind_to_environ(request.environ).match()
            if request.path.startswith("/_control/"):
                return document(getattr(self, endpoint)(request, **values))
            return self.faulty(request) or self.signed(request, endpoint, values)
        except Refused as refusal:
            return problem(refusal)
        except ValidationError as error:
            return problem(Refused(422, "invalid_control", str(error)))
        except HTTPException as error:
            return problem(Refused(error.code or 500, "no_such_route"))

    def faulty(self, request: Request) -> Response | None:
        key = request.headers.get("X-Api-Key", "")
        fault = self.faults.next_for(lambda each: each.api_key in (None, key))
        return befall(fault) if fault else None

    def signed(self, request: Request, endpoint: str, values: Mapping[str, Any]) -> Response:
        school = caller(request, self.schools)
        school.requests.append({"path": request.path, "query": request.args.to_dict()})
        told = getattr(self, endpoint)(request, school, **values)
        return conditional(request, told)

    # ── What Immersio offers ────────────────────────────────────────────────────────────────────
    def ping(self, _: Request, school: School) -> dict[str, Any]:
        return {"status": "ok", "as_of": timestamp(datetime.now(UTC))}

    def courses(self, request: Request, school: School) -> dict[str, Any]:
        now = datetime.now(UTC)
        return school.page(CourseQuery.of(request.args.to_dict(), now), now)

    def course(self, _: Request, school: School, course_id: str) -> dict[str, Any]:
        return school.course(course_id)

    # ── The control plane ───────────────────────────────────────────────────────────────────────
    def add_school(self, request: Request) -> dict[str, Any]:
        told = request.get_json()
        secrets = [told["apiSecret"], *filter(None, [told.get("previousSecret")])]
        known = self.schools.setdefault(told["apiKey"], School(told["apiKey"], secrets))
        known.secrets = secrets
        return {"apiKey": known.api_key, "courses": len(known.courses)}

    def show_school(self, _: Request, api_key: str) -> dict[str, Any]:
        school = self.known(api_key)
        return {"courses": list(school.courses.values()), "requests": school.requests}

    def put_courses(self, request: Request) -> dict[str, Any]:
        told = request.get_json()
        school = self.known(told["apiKey"])
        for course in told["courses"]:
            school.put(course)
        return {"courses": len(school.courses)}

    def add_faults(self, request: Request) -> dict[str, Any]:
        faults = FAULTS.validate_python(request.get_json())
        self.faults.add(faults)
        return {"added": len(faults)}

    def clear_faults(self, _: Request) -> dict[str, Any]:
        self.faults.clear()
        return {}

    def known(self, api_key: str) -> School:
        if api_key not in self.schools:
            raise Refused(404, "no_such_school")
        return self.schools[api_key]


def conditional(request: Request, told: dict[str, Any]) -> Response:
    """The document, packed when the caller takes that; 304 when it has it already."""
    # The clock is told on every page and changes nothing of it.
    content = json.dumps({name: value for name, value in told.items() if name != "as_of"}, sort_keys=True)
    etag = hashlib.sha256(content.encode()).hexdigest()[:32]
    if etag in request.if_none_match:
        return Response(status=304, headers={"ETag": f'"{etag}"'})
    answer = document(told)
    answer.set_etag(etag)
    if request.accept_encodings.best_match(["gzip"]):
        answer.set_data(gzip.compress(answer.get_data()))
        answer.headers["Content-Encoding"] = "gzip"
    return answer


def document(told: dict[str, Any]) -> Response:
    # ASCII, so that half characters can be told too: a client has to survive them.
    return Response(json.dumps(told), content_type="application/json")


def problem(refusal: Refused) -> Response:
    told = {
        "type": f"urn:immersio:{refusal.code}",
        "title": refusal.code.replace("_", " "),
        "status": refusal.status,
        "detail": refusal.detail,
        "code": refusal.code,
        "retryable": refusal.status in RETRYABLE,
        "request_id": str(uuid.uuid4()),
    }
    return Response(json.dumps(told), refusal.status, content_type="application/problem+json")
