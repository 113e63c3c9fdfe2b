"""The answers that are problem documents."""

import json
import uuid

from werkzeug.wrappers import Response

RETRYABLE = {408, 425, 429, 500, 502, 503, 504}


class Refused(Exception):
    """An answer that is a problem document, with more headers when they belong to it."""

    def __init__(
        self, status: int, code: str, detail: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers or {}


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
    return Response(
        json.dumps(told), refusal.status, refusal.headers, content_type="application/problem+json"
    )
