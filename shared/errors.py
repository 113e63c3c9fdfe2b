"""What may go wrong and be told: one base with a status and a code, rendered in one place.

Names state facts. What an integrator may act on is in attributes of the problem; nothing secret and no
address of anybody ever is.
"""

from typing import Any, ClassVar


class Problem(Exception):
    """An answer that is not the wished one, as RFC 9457 tells it.

    `code` is stable: clients branch on it. `detail` is for people. `members` are added to the document.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Something went wrong"
    retry_after: ClassVar[int | None] = None

    def __init__(self, detail: str = "", **members: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.members = members

    def document(self) -> dict[str, Any]:
        """The `application/problem+json` document, without what only the edge knows."""
        told = {"type": f"urn:problem:{self.code}", "title": self.title, "status": self.status}
        if self.detail:
            told["detail"] = self.detail
        return {**told, "code": self.code, **self.members}


class TryAgain(Exception):
    """The transaction read what another has since changed: run it anew."""


class InvalidRequest(Problem):
    status, code, title = 422, "invalid_request", "The request says something that cannot be"


class MalformedRequest(Problem):
    status, code, title = 400, "malformed_request", "The request cannot be read"


class RequestTooLarge(Problem):
    status, code, title = 413, "request_too_large", "The request is larger than allowed"


class UnsupportedMediaType(Problem):
    status, code, title = 415, "unsupported_media_type", "The body must be application/json"


class NotFound(Problem):
    status, code, title = 404, "not_found", "There is nothing here"


class Unauthorized(Problem):
    status, code, title = 401, "unauthorized", "Who is asking is not known"


class Forbidden(Problem):
    status, code, title = 403, "forbidden", "Who is asking may not do this"


class Busy(Problem):
    status, code, title = 503, "busy", "Too much is going on; try again"
    retry_after = 2


class TooManyRequests(Problem):
    status, code, title = 429, "too_many_requests", "Too many requests from there; try again later"
    retry_after = 600


class Conflict(Problem):
    status, code, title = 409, "conflict", "Somebody else changed this at the same time"


class PreconditionFailed(Problem):
    status, code, title = 412, "precondition_failed", "It has been changed since it was read"


class IdempotencyKeyInUse(Problem):
    status, code, title = 409, "idempotency_key_in_use", "The first request with this key still runs"
    retry_after = 1


class IdempotencyKeyReused(Problem):
    status = 422
    code, title = "idempotency_key_reused", "The key was used with another request"
