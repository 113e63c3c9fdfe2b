"""The handlers as Lambda runs them: loaded anew, called with real events."""

import importlib.util
import json
import re
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from sqlalchemy import Engine

from local.cloudformation import read_yaml
from shared.plain_database import PlainDatabase

ROOT = Path(__file__).parent.parent
API_HOST = "api.booking.test"
ISSUER, AUDIENCE = "https://issuer.test", "booking"

# What a token of ours says beside its address; it ends in 2100.
STANDARD_CLAIMS = {"iss": ISSUER, "aud": AUDIENCE, "exp": "4102444800", "email_verified": "true"}


class LambdaContext:
    """What the runtime hands a handler."""

    function_name = "test"
    function_version = "1"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:test"

    def __init__(self) -> None:
        self.aws_request_id = str(uuid.uuid4())

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@dataclass
class LoadedFunction:
    """A function's module after a cold start of its own, with those of its folder that it imported."""

    module: ModuleType
    beside: list[ModuleType] = field(default_factory=list)

    def __call__(self, event: dict[str, Any]) -> Any:
        """Invoke it; event and answer pass through JSON, as they do in Lambda."""
        answer = self.module.handler(json.loads(json.dumps(event)), LambdaContext())
        return json.loads(json.dumps(answer))

    def close(self) -> None:
        for each in vars(self.module).values():
            if isinstance(each, Engine):
                each.dispose()
            if isinstance(each, PlainDatabase):
                each.close()


@dataclass
class Functions(LoadedFunction):
    """Several behind one API: each event goes to the one that has the route. `module` is one of them."""

    by_name: dict[str, LoadedFunction] = field(default_factory=dict)

    def __call__(self, event: dict[str, Any]) -> Any:
        return self.by_name[function_of(event["requestContext"]["http"]["method"], event["rawPath"])](event)

    def close(self) -> None:
        for each in self.by_name.values():
            each.close()


def together(**functions: LoadedFunction) -> Functions:
    """Those functions, by the names of their folders."""
    first, *others = functions.values()
    modules = [module for each in others for module in (each.module, *each.beside)]
    return Functions(first.module, [*first.beside, *modules], functions)


@dataclass
class Answer:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def code(self) -> str:
        """The stable code of a problem; fails the test when the answer is none."""
        assert self.headers["content-type"] == "application/problem+json", self
        assert self.json["status"] == self.status
        return str(self.json["code"])


@dataclass
class Api:
    """Calls a function behind the HTTP API; `tenant` is the header X-Tenant.

    `claims` are the checked token's, beside the standard ones; one that is None is left out.
    """

    function: LoadedFunction
    tenant: str | None = "aurora"

    def get(self, path: str, **options: Any) -> Answer:
        return self.request("GET", path, **options)

    def post(self, path: str, json_body: Any = None, **options: Any) -> Answer:
        return self.request("POST", path, body=json.dumps(json_body), **options)

    def put(self, path: str, json_body: Any = None, **options: Any) -> Answer:
        return self.request("PUT", path, body=json.dumps(json_body), **options)

    def patch(self, path: str, json_body: Any = None, **options: Any) -> Answer:
        return self.request("PATCH", path, body=json.dumps(json_body), **options)

    def request(
        self,
        method: str,
        path: str,
        *,
        body: str | None = None,
        headers: dict[str, str] | None = None,
        host: str = API_HOST,
        claims: Mapping[str, str | None] | None = None,
        source_ip: str = "127.0.0.1",
    ) -> Answer:
        sent = {"content-type": "application/json"} if body is not None else {}
        if self.tenant:
            sent["x-tenant"] = self.tenant
        sent |= {name.lower(): value for name, value in (headers or {}).items()}
        event = http_event(method, path, body=body, headers=sent, host=host, claims=claims)
        event["requestContext"]["http"]["sourceIp"] = source_ip
        told = self.function(event)
        answered = {name.lower(): str(value) for name, value in told["headers"].items()}
        return Answer(told["statusCode"], answered, told["body"])


@cache
def routes() -> list[tuple[str, re.Pattern[str], str]]:
    """Method, path and folder of the function of every route that API Gateway has, as the template says."""
    template = read_yaml((ROOT / "template.yaml").read_text(encoding="utf-8"))
    functions = [each for each in template["Resources"].values() if each["Type"].endswith("::Function")]
    return [
        (
            event["Properties"]["Method"],
            re.compile(re.sub(r"{\w+}", "[^/]+", event["Properties"]["Path"])),
            each["Properties"]["CodeUri"].removeprefix("functions/"),
        )
        for each in functions
        for event in each["Properties"].get("Events", {}).values()
        if event["Type"] == "HttpApi"
    ]


def function_of(method: str, path: str) -> str:
    """The folder of the function that answers there; what is written out goes before what is not."""
    plain = urlsplit(path).path
    found = [
        (route.pattern, name) for verb, route, name in routes() if verb == method and route.fullmatch(plain)
    ]
    return min(found, key=lambda each: each[0].count("[^/]+"))[1]


def load_function(name: str) -> LoadedFunction:
    """Run functions/{name}/app.py as a module of its own; what lies beside it is loaded anew too."""
    folder = ROOT / "functions" / name
    spec = importlib.util.spec_from_file_location(f"function_{name}_{uuid.uuid4().hex}", folder / "app.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(folder))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(folder))
        beside = [sys.modules.pop(path.stem) for path in folder.glob("*.py") if path.stem in sys.modules]
    return LoadedFunction(module, beside)


def http_event(
    method: str,
    path: str,
    *,
    body: str | None,
    headers: dict[str, str],
    host: str,
    claims: Mapping[str, str | None] | None = None,
) -> dict[str, Any]:
    """An event of API Gateway's HTTP API, payload format 2.0."""
    parts = urlsplit(path)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    said = {name: value for name, value in {**STANDARD_CLAIMS, **(claims or {})}.items() if value is not None}
    authorizer = {"authorizer": {"jwt": {"claims": said, "scopes": None}}} if claims else {}
    return {
        "version": "2.0",
        "routeKey": f"{method} {parts.path}",
        "rawPath": parts.path,
        "rawQueryString": urlencode(query),
        "headers": {"host": host, **headers},
        **({"queryStringParameters": query} if query else {}),
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "test",
            "domainName": host,
            "domainPrefix": host.split(".", maxsplit=1)[0],
            "http": {
                "method": method,
                "path": parts.path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "pytest",
            },
            "requestId": str(uuid.uuid4()),
            "routeKey": f"{method} {parts.path}",
            "stage": "$default",
            "time": "22/Nov/2026:12:00:00 +0000",
            "timeEpoch": 1795348800000,
            **authorizer,
        },
        **({"body": body} if body is not None else {}),
        "isBase64Encoded": False,
    }


def sqs_event(*bodies: str, queue: str = "queue") -> dict[str, Any]:
    """A batch of SQS messages as Lambda receives it; the message ids are m0, m1 …"""
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": f"handle-{number}",
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": "1795348800000",
                    "SenderId": "AIDAEXAMPLE",
                    "ApproximateFirstReceiveTimestamp": "1795348800001",
                },
                "messageAttributes": {},
                "md5OfBody": "",
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:us-east-1:123456789012:{queue}",
                "awsRegion": "us-east-1",
            }
            for number, body in enumerate(bodies)
        ]
    }
