"""Everything under /_local: driving the run by hand, looking into it. None of it exists elsewhere."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader
from werkzeug.exceptions import BadRequest, Forbidden, HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from local.aws import AwsServices
from local.functions import Functions
from local.issuer import Issuer
from local.mailbox import read_mails
from local.sandbox import Invocation
from local.schedules import Schedules
from local.template import Template

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

TEMPLATES = Path(__file__).with_name("templates")
LOG_TAIL = 200_000

ROUTES = Map(
    [
        Rule("/_local", endpoint="index", methods=["GET"]),
        Rule("/_local/state.json", endpoint="state_json", methods=["GET"]),
        Rule("/_local/mail", endpoint="mail", methods=["GET"]),
        Rule("/_local/mail.json", endpoint="mail_json", methods=["GET"]),
        Rule("/_local/logs/<name>", endpoint="log", methods=["GET"]),
        Rule("/_local/functions/<name>/invoke", endpoint="invoke", methods=["POST"]),
        Rule("/_local/schedules/<name>/run", endpoint="run_schedule", methods=["POST"]),
        Rule("/_local/issuer/.well-known/openid-configuration", endpoint="discovery", methods=["GET"]),
        Rule("/_local/issuer/jwks.json", endpoint="jwks", methods=["GET"]),
    ],
    strict_slashes=False,
)


@dataclass(frozen=True)
class LocalPages:
    """A WSGI application; its methods are named by the endpoints above."""

    template: Template
    functions: Functions
    schedules: Schedules
    aws: AwsServices
    issuer: Issuer
    state: Mapping[str, Any]
    logs: Path

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        try:
            refuse_strangers(request)
            endpoint, arguments = ROUTES.bind_to_environ(environ).match()
            response: Response = getattr(self, endpoint)(request, **arguments)
        except HTTPException as error:
            return error(environ, start_response)
        return response(environ, start_response)

    def index(self, _: Request) -> Response:
        logs = sorted(path.name for path in self.logs.glob("*.log"))
        port = urlsplit(self.state["apiUrl"]).port
        return page("index.html", template=self.template, state=self.state, logs=logs, port=port)

    def state_json(self, _: Request) -> Response:
        return as_json(self.state)

    def mail(self, request: Request) -> Response:
        """A page for browsers, JSON for everybody else."""
        if "text/html" not in request.headers.get("Accept", ""):
            return self.mail_json(request)
        return page("mail.html", mails=read_mails(self.aws.mails()))

    def mail_json(self, _: Request) -> Response:
        return as_json(read_mails(self.aws.mails()))

    def log(self, _: Request, name: str) -> Response:
        found = {path.name: path for path in self.logs.glob("*.log")}
        if name not in found:
            raise NotFound
        return Response(found[name].read_bytes()[-LOG_TAIL:], content_type="text/plain; charset=utf-8")

    def invoke(self, request: Request, name: str) -> Response:
        if name not in self.template.functions:
            raise NotFound(f"no function {name}")
        try:
            event = json.loads(request.get_data() or b"{}")
        except ValueError as error:
            raise BadRequest("the body is the event, as JSON") from error
        return answer(self.functions.invoke(name, event))

    def run_schedule(self, _: Request, name: str) -> Response:
        schedule = self.schedules.find(name)
        if schedule is None:
            raise NotFound(f"no schedule {name}, or several")
        return answer(self.schedules.fire(schedule))

    def discovery(self, _: Request) -> Response:
        return as_json(self.issuer.discovery())

    def jwks(self, _: Request) -> Response:
        return as_json(self.issuer.jwks())


def refuse_strangers(request: Request) -> None:
    """Any web page may send a browser here: no name but this machine's, no page but our own."""
    host = urlsplit(f"//{request.host}").hostname or ""
    if host not in ("127.0.0.1", "localhost") and not host.endswith(".localhost"):
        raise Forbidden
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise Forbidden


def answer(invocation: Invocation) -> Response:
    """As Lambda's own Invoke: 200 either way, with a header when the function failed."""
    response = as_json(invocation.payload)
    if invocation.failed:
        response.headers["X-Amz-Function-Error"] = "Unhandled"
    return response


def as_json(value: Any) -> Response:
    return Response(json.dumps(value, indent=2, ensure_ascii=False), content_type="application/json")


def page(name: str, **values: Any) -> Response:
    templates = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    return Response(templates.get_template(name).render(**values), content_type="text/html; charset=utf-8")
