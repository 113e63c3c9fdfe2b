"""The HTTP API of the template on one machine: routes, authorizer, CORS, limits, errors."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from werkzeug.exceptions import ClientDisconnected
from werkzeug.wrappers import Request, Response

from local.authorizer import Forbidden, Unauthorized, authorized
from local.cors import add_cors, is_preflight, preflight_response
from local.functions import Functions, StillRunning
from local.http_events import Arrival, MalformedAnswer, arrived, event_of, response_of
from local.issuer import Issuer
from local.routes import CompiledRoute, Match, compiled, match
from local.template import Template

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# HTTP API quota, bytes of a request's body.
LARGEST_BODY = 10 * 1024 * 1024

REFUSALS: dict[type[Exception], tuple[int, str]] = {
    Forbidden: (403, "Forbidden"),
    StillRunning: (503, "Service Unavailable"),
    MalformedAnswer: (500, "Internal Server Error"),
}


@dataclass(frozen=True)
class Gateway:
    """A WSGI application; what begins with /_local is answered by `local_pages`."""

    template: Template
    functions: Functions
    issuer: Issuer
    local_pages: "WSGIApplication"
    routes: list[CompiledRoute] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "routes", compiled(self.template.routes))

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        if request.path == "/_local" or request.path.startswith("/_local/"):
            return self.local_pages(environ, start_response)
        return self.respond(request)(environ, start_response)

    def respond(self, request: Request) -> Response:
        cors = self.template.cors
        if cors is not None and is_preflight(request):
            return preflight_response(cors, request)
        arrival = arrived()
        try:
            response = self.answer(request, arrival)
        except ClientDisconnected:
            response = message(400, "Bad Request")
        response.headers["apigw-requestid"] = arrival.request_id
        if cors is not None:
            add_cors(cors, request, response)
        return response

    def answer(self, request: Request, arrival: Arrival) -> Response:
        found = match(self.routes, request.method, request.path)
        if found is None:
            return message(404, "Not Found")
        if (request.content_length or 0) > LARGEST_BODY or len(request.get_data()) > LARGEST_BODY:
            return message(413, "Request Entity Too Large")
        try:
            return self.forward(request, found, arrival)
        except Unauthorized as error:
            return message(401, "Unauthorized", {"www-authenticate": str(error)})
        except tuple(REFUSALS) as error:
            return message(*REFUSALS[type(error)])

    def forward(self, request: Request, found: Match, arrival: Arrival) -> Response:
        route = found.route
        identity = None
        if route.authorizer is not None:
            header, scopes = request.headers.get("Authorization"), route.event.auth.authorization_scopes
            identity = authorized(header, route.authorizer.jwt_configuration, scopes, self.issuer)
        event = event_of(request, found, arrival, identity)
        seconds = route.event.timeout_in_millis / 1000
        invocation = self.functions.invoke_within(route.function, event, seconds)
        if invocation.failed:
            return message(500, "Internal Server Error")
        return response_of(invocation.payload)


def message(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    """API Gateway's own errors are not the functions' problem documents."""
    return Response(json.dumps({"message": text}), status, headers, content_type="application/json")
