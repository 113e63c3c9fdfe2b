"""How the fake Immersio misbehaves when it is told to."""

import gzip
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from fnmatch import fnmatchcase
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from werkzeug.wrappers import Request, Response

from local.fakes.hanging_up import hang_up, reset
from local.fakes.immersio.refusals import Refused

Kind = Literal[
    "status", "delay", "html", "truncated_gzip", "cut_off", "wrong_json", "redirect", "too_large",
    "drop_before", "drop_after", "reset", "error_after", "rate_limited", "expired", "stale", "changing",
]  # fmt: skip
Style = Literal["seconds", "date", "reset_seconds", "reset_epoch"]

# These befall a call that has had its effect.
AFTER: frozenset[Kind] = frozenset({"drop_after", "error_after", "reset", "changing"})


class Fault(BaseModel):
    """What befalls the next `times` calls of `method` and `path`, after `skip` others, of a key or of all.

    `status` and `code` are for the kind `status`, `seconds` for `delay` and `rate_limited`, whose `style`
    is how the wait is told, `location` for `redirect`, `bytes` for `too_large`. `changing` touches a row of
    the list that was just told.
    """

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    times: Annotated[int, Field(ge=1)] = 1
    skip: Annotated[int, Field(ge=0)] = 0
    api_key: Annotated[str | None, Field(alias="apiKey")] = None
    method: Literal["GET", "PUT", "DELETE", "*"] = "*"
    path: str = "/v1/*"
    status: Annotated[int, Field(ge=400, le=599)] = 500
    code: str = "injected"
    seconds: Annotated[float, Field(ge=0, le=3600)] = 1.0
    style: Style = "seconds"
    location: str = "http://169.254.169.254/latest/meta-data/"
    bytes: Annotated[int, Field(ge=1)] = 50 * 1024 * 1024

    def befalls(self, request: Request) -> bool:
        key = request.headers.get("X-Api-Key", "")
        return (
            self.api_key in (None, key)
            and self.method in ("*", request.method)
            and fnmatchcase(request.path, self.path)
        )


def before(fault: Fault | None, request: Request) -> Response | None:
    """The answer in place of the call; None when it is made. Raises Refused."""
    if fault is None or fault.kind in AFTER:
        return None
    if fault.kind == "delay":
        time.sleep(fault.seconds)
        return None
    if fault.kind == "drop_before":
        return hang_up(request)
    return ANSWERS[fault.kind](fault)


def after(fault: Fault | None, request: Request, answer: Response) -> Response:
    """What arrives of the answer. Raises Refused."""
    if fault is None or fault.kind not in AFTER or fault.kind == "changing":
        return answer
    if fault.kind == "drop_after":
        return hang_up(request)
    if fault.kind == "error_after":
        raise Refused(500, "injected")
    return _reset_in_the_middle(request, answer)


def _reset_in_the_middle(request: Request, answer: Response) -> Response:
    """More is promised than comes, and what comes is cut off by a reset."""
    whole = answer.get_data()

    def told() -> Iterator[bytes]:
        yield whole[: max(1, len(whole) // 2)] + b" " * 32_768
        time.sleep(0.005)
        reset(request)

    headers = {"Content-Length": str(len(whole) + 65_536)}
    return Response(told(), answer.status_code, headers, content_type="application/json")


def _status(fault: Fault) -> Response:
    raise Refused(fault.status, fault.code)


def _expired(_: Fault) -> Response:
    raise Refused(410, "cursor_expired")


def _stale(_: Fault) -> Response:
    raise Refused(409, "stale_version")


def _rate_limited(fault: Fault) -> Response:
    now, wait = datetime.now(UTC), str(int(fault.seconds))
    later = now + timedelta(seconds=fault.seconds)
    told = {
        "seconds": {"Retry-After": wait},
        "date": {"Retry-After": format_datetime(later, usegmt=True)},
        "reset_seconds": {"RateLimit-Reset": wait},
        "reset_epoch": {"RateLimit-Reset": str(int(later.timestamp()))},
    }
    raise Refused(429, "rate_limited", headers=told[fault.style])


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


def _too_large(fault: Fault) -> Response:
    """So many blanks in a few kilobytes."""
    packed = gzip.compress(b'{"data": [' + b" " * fault.bytes + b"]}", compresslevel=1)
    return Response(packed, content_type="application/json", headers={"Content-Encoding": "gzip"})


ANSWERS: dict[Kind, Callable[[Fault], Response]] = {
    "status": _status,
    "rate_limited": _rate_limited,
    "expired": _expired,
    "stale": _stale,
    "html": _html,
    "truncated_gzip": _truncated_gzip,
    "cut_off": _cut_off,
    "wrong_json": _wrong_json,
    "redirect": _redirect,
    "too_large": _too_large,
}
