"""The fake as a WSGI application: the API under /v1, and the control plane under /_control."""

import gzip
import hashlib
import json
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from local.fakes.immersio.api import OPERATIONS
from local.fakes.immersio.auth import caller
from local.fakes.immersio.control import CONTROLS
from local.fakes.immersio.faults import Fault, after, before
from local.fakes.immersio.limits import count_call
from local.fakes.immersio.refusals import Refused, problem
from local.fakes.immersio.schools import School
from local.fakes.immersio.world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def immersio_app(world: World | None = None) -> "WSGIApplication":
    """A WSGI application with a world of its own, or the given one."""
    whole = World() if world is None else world
    routes = Map([_rule(action) for action in (*OPERATIONS, *CONTROLS)], merge_slashes=False)

    @Request.application
    def application(request: Request) -> Response:
        try:
            action, arguments = routes.bind_to_environ(request.environ).match()
            if action in CONTROLS:
                return document(CONTROLS[action](whole, request, **arguments))
            return _serve(whole, request, action, dict(arguments))
        except Refused as refusal:
            return problem(refusal)
        except ValidationError as error:
            return problem(Refused(422, "invalid_control", str(error)))
        except HTTPException as error:
            return problem(Refused(error.code or 500, "no_such_route"))

    return application


def _rule(action: str) -> Rule:
    method, path = action.split(" ")
    return Rule(path, endpoint=action, methods=[method])


def _serve(world: World, request: Request, action: str, arguments: dict[str, str]) -> Response:
    fault = world.faults.next_for(lambda each: each.befalls(request))
    instead = before(fault, request)
    if instead is not None:
        return instead
    school = caller(request, world)
    headers = count_call(school, world.elapsed(), world.calls_a_minute)
    school.requests.append({"method": request.method, "path": request.path, "query": request.args.to_dict()})
    told = OPERATIONS[action](world, school, request, **arguments)
    answer = conditional(request, told) if request.method == "GET" else document(told)
    answer.headers.update(headers)
    _change(world, school, fault, told)
    return after(fault, request, answer)


def _change(world: World, school: School, fault: Fault | None, told: dict[str, Any]) -> None:
    """Somebody changes a row of the page that is on its way."""
    if fault is None or fault.kind != "changing" or not told.get("data"):
        return
    row = told["data"][0]
    if row["id"] in school.courses:
        school.put_course({"id": row["id"], "title": f"{row['title'][:100]} again"}, world.now())
    elif row["id"] in school.students:
        school.put_student({"id": row["id"], "given_name": f"{row['given_name'][:50]} II"}, world.now())


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
        answer.set_data(gzip.compress(answer.get_data(), compresslevel=1))
        answer.headers["Content-Encoding"] = "gzip"
    return answer


def document(told: dict[str, Any]) -> Response:
    # ASCII, so that half characters can be told too: a client has to survive them.
    return Response(json.dumps(told), content_type="application/json")
