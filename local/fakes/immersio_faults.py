"""How the fake Immersio misbehaves when it is told to."""

import gzip
import time
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from werkzeug.wrappers import Response

from local.fakes.immersio_schools import Refused

Kind = Literal["status", "delay", "html", "truncated_gzip", "cut_off", "wrong_json", "redirect", "too_large"]


class Fault(BaseModel):
    """What befalls the next `times` calls, after `skip` others, of one key or of everybody.

    `status` and `code` are for the kind `status`, `seconds` for `delay`, `location` for `redirect`.
    """

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    times: Annotated[int, Field(ge=1)] = 1
    skip: Annotated[int, Field(ge=0)] = 0
    api_key: Annotated[str | None, Field(alias="apiKey")] = None
    status: Annotated[int, Field(ge=400, le=599)] = 500
    code: str = "injected"
    seconds: Annotated[float, Field(ge=0, le=60)] = 1.0
    location: str = "http://127.0.0.1:1/"


def befall(fault: Fault) -> Response | None:
    """The faulty answer; None for one that is only late. Raises Refused for a status."""
    if fault.kind == "status":
        raise Refused(fault.status, fault.code)
    if fault.kind == "delay":
        time.sleep(fault.seconds)
        return None
    return ANSWERS[fault.kind](fault)


def _html(_: Fault) -> Response:
    return Response("<html><body>We are back soon</body></html>", content_type="text/html; charset=utf-8")


def _truncated_gzip(_: Fault) -> Response:
    whole = gzip.compress(b'{"data": [], "next_cursor": null, "as_of": "2026-01-01T00:00:00.000Z"}')
    return Response(whole[:-12], content_type="application/json", headers={"Content-Encoding": "gzip"})


def _cut_off(_: Fault) -> Response:
    """Less than the length promises, and then the connection is closed."""
    answer = Response(b'{"data": [', content_type="application/json")
    answer.headers["Content-Length"] = "4096"
    return answer


def _wrong_json(_: Fault) -> Response:
    return Response('{"items": [], "next": null}', content_type="application/json")


def _redirect(fault: Fault) -> Response:
    return Response(status=302, headers={"Location": fault.location})


def _too_large(_: Fault) -> Response:
    """6 MiB of blanks in a few kilobytes."""
    packed = gzip.compress(b'{"data": [' + b" " * (6 * 1024 * 1024) + b"]}")
    return Response(packed, content_type="application/json", headers={"Content-Encoding": "gzip"})


ANSWERS: dict[Kind, Callable[[Fault], Response]] = {
    "html": _html,
    "truncated_gzip": _truncated_gzip,
    "cut_off": _cut_off,
    "wrong_json": _wrong_json,
    "redirect": _redirect,
    "too_large": _too_large,
}
