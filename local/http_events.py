"""HTTP requests as payloads of format 2.0, and handlers' answers as HTTP responses.

Source: API Gateway Developer Guide, «Working with Lambda proxy integrations for HTTP APIs».
"""

import base64
import binascii
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.wrappers import Request, Response

from local.names import ACCOUNT_ID, API_ID
from local.routes import Match


class MalformedAnswer(Exception):
    """API Gateway cannot make a response of it."""


@dataclass(frozen=True)
class Arrival:
    """When and under which id a request came."""

    request_id: str
    at: datetime


def arrived() -> Arrival:
    return Arrival(uuid.uuid4().hex[:15] + "=", datetime.now(UTC))


def event_of(
    request: Request, match: Match, arrival: Arrival, authorizer: Mapping[str, Any] | None
) -> dict[str, Any]:
    """`authorizer` is what the JWT authorizer found, None on open routes. Absent parts are left out."""
    body = request.get_data()
    text = body_text(request, body)
    optional = {
        "cookies": cookies(request),
        "queryStringParameters": joined(query(request)),
        "pathParameters": dict(match.parameters),
        "body": base64.b64encode(body).decode() if text is None else text,
    }
    return {
        "version": "2.0",
        "routeKey": match.route.key,
        "rawPath": request.path,
        "rawQueryString": request.query_string.decode("latin-1"),
        "headers": headers(request),
        "requestContext": context(request, match, arrival, authorizer),
        "isBase64Encoded": bool(body) and text is None,
        **{name: value for name, value in optional.items() if value},
    }


def context(
    request: Request, match: Match, arrival: Arrival, authorizer: Mapping[str, Any] | None
) -> dict[str, Any]:
    domain = request.host.rsplit(":", 1)[0]
    return {
        "accountId": ACCOUNT_ID,
        "apiId": API_ID,
        **({} if authorizer is None else {"authorizer": {"jwt": authorizer}}),
        "domainName": domain,
        "domainPrefix": domain.split(".", 1)[0],
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": request.environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
            "sourceIp": request.remote_addr or "",
            "userAgent": request.headers.get("User-Agent", ""),
        },
        "requestId": arrival.request_id,
        "routeKey": match.route.key,
        "stage": "$default",
        "time": arrival.at.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(arrival.at.timestamp() * 1000),
    }


def headers(request: Request) -> dict[str, str]:
    """Lower case, repeated ones joined; cookies have a place of their own."""
    own = joined((name.lower(), value) for name, value in request.headers if name.lower() != "cookie")
    return {
        **own,
        "x-forwarded-for": request.remote_addr or "",
        "x-forwarded-port": str(request.environ.get("SERVER_PORT", "")),
        "x-forwarded-proto": request.scheme,
    }


def cookies(request: Request) -> list[str]:
    return [part.strip() for part in request.headers.get("Cookie", "").split(";") if part.strip()]


def query(request: Request) -> list[tuple[str, str]]:
    return parse_qsl(request.query_string.decode("latin-1"), keep_blank_values=True)


def joined(pairs: Any) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: ",".join(values) for name, values in found.items()}


def body_text(request: Request, body: bytes) -> str | None:
    """None when the body travels as base64: everything but text/*, JSON, XML and JavaScript does,
    forms too.
    """
    kind = request.mimetype
    textual = (
        kind.startswith("text/")
        or kind in ("application/json", "application/xml", "application/javascript")
        or kind.endswith(("+json", "+xml"))
    )
    if not textual:
        return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def response_of(answer: Any) -> Response:
    """Raises MalformedAnswer. An answer without a status code is the body of a 200."""
    if not isinstance(answer, dict) or "statusCode" not in answer:
        body = answer if isinstance(answer, str) else json.dumps(answer)
        return Response(body, 200, content_type="application/json")
    try:
        response = Response(body_of(answer), int(answer["statusCode"]), content_type=None)
        for name, value in (answer.get("headers") or {}).items():
            response.headers[name] = as_header(value)
        for cookie in answer.get("cookies") or ():
            response.headers.add("set-cookie", cookie)
    except (AttributeError, TypeError, ValueError) as error:
        raise MalformedAnswer(str(error)) from error
    if "content-type" not in response.headers:
        response.headers["content-type"] = "text/plain;charset=UTF-8"
    return response


def body_of(answer: Mapping[str, Any]) -> bytes:
    body = answer.get("body") or ""
    if not isinstance(body, str):
        raise MalformedAnswer("the body is not a string")
    if not answer.get("isBase64Encoded"):
        return body.encode()
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise MalformedAnswer("the body is not base64") from error


def as_header(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
