"""Where a browser asks for pages: what goes with every page, and failures told as pages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.edge.entry import Handler, count_refusal, http_entry
from shared.edge.failures import headers_of
from shared.edge.one_route import Event, header_of, plain_problem
from shared.errors import Problem
from shared.telemetry import logger

HTML = "text/html; charset=utf-8"
# A token in an address must reach neither another site nor its logs.
_ON_EVERYTHING = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Of a host that is reached without a certificate browsers do not believe it.
    "Strict-Transport-Security": "max-age=31536000",
}


@dataclass(frozen=True, slots=True)
class Page:
    """An answer; `images` are the origins, beside our own, that its pictures may come from.

    One that may be `kept` is told with its ETag. The body of a picture is base64, which `is_binary` says.
    """

    body: str
    kind: str = HTML
    status: int = 200
    kept: str = "no-store"
    images: tuple[str, ...] = ()
    is_binary: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Callable[[Event], Page]
Failure = Callable[[Event, Problem], Page]


def page_handler(answer: Answer, failed: Failure) -> Handler:
    """The Lambda handler that tells the page which `answer` makes of an event, or the one of its problem."""

    def resolve(event: Event, _: LambdaContext) -> dict[str, Any]:
        try:
            return _told(event, answer(event))
        except Exception as error:  # noqa: BLE001  # whatever it was, the reader is told
            problem = plain_problem(error)
            logger.info("refused", code=problem.code, status=problem.status)
            count_refusal(problem)
            return _told(event, failed(event, problem), headers_of(problem))

    return http_entry(resolve)


def _told(event: Event, page: Page, more: Mapping[str, str] | None = None) -> dict[str, Any]:
    headers = {"Content-Type": page.kind, "Cache-Control": page.kept, **_ON_EVERYTHING, **page.headers}
    if page.kind == HTML:
        headers |= {"Content-Security-Policy": _policy(page.images), "Vary": "Accept-Language, X-Tenant"}
    headers |= more or {}
    status, body, is_binary = page.status, page.body, page.is_binary
    if page.kept != "no-store" and page.status == 200:
        headers["ETag"] = f'"{sha256(page.body.encode()).hexdigest()[:32]}"'
        if _is_known(event, headers["ETag"]):
            status, body, is_binary = 304, "", False
    return {"statusCode": status, "headers": headers, "body": body, "isBase64Encoded": is_binary}


def _policy(images: tuple[str, ...]) -> str:
    """Nothing from elsewhere but the school's pictures, no script or style inside the page, no frames."""
    pictures = " ".join(("'self'", *sorted(set(images))))
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src {pictures}; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _is_known(event: Event, etag: str) -> bool:
    seen = [each.strip().removeprefix("W/") for each in (header_of(event, "if-none-match") or "").split(",")]
    return etag in seen or "*" in seen
