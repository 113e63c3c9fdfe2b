"""How the fake Stripe misbehaves when it is told to."""

from fnmatch import fnmatchcase
from typing import Literal

from pydantic import ConfigDict, Field
from werkzeug.wrappers import Request

from local.fakes.stripe.answers import StripeError
from local.fakes.stripe.keys import api_key_of
from shared.fields import Document

Kind = Literal["delay", "drop_before", "drop_after", "error_before", "error_after", "rate_limited", "refuse"]


class Fault(Document):
    """What befalls the next `times` calls of `method` and `path` (`/v1/refunds*`), after `skip` others.

    before and after: the call has, or has not, changed anything. `seconds` are of a delay, `retryAfter` of a
    429; `status`, `code`, `type`, `message` and `declineCode` are the refusal.
    """

    model_config = ConfigDict(frozen=False)

    kind: Kind
    method: Literal["GET", "POST", "*"] = "*"
    path: str = "/v1/*"
    times: int = Field(1, ge=1)
    skip: int = Field(0, ge=0)
    api_key: str | None = None
    seconds: float = Field(1.0, ge=0, le=90)
    retry_after: int | None = Field(None, ge=0)
    status: int = Field(400, ge=400, le=599)
    code: str | None = None
    type: str = "invalid_request_error"
    message: str = "Refused as ordered."
    decline_code: str | None = None

    def befalls(self, request: Request) -> bool:
        if self.method not in ("*", request.method) or not fnmatchcase(request.path, self.path):
            return False
        return self.api_key is None or self.api_key == api_key_of(request)


class RateLimited(StripeError):
    """Says when to come again, in seconds, if it was told to."""

    def __init__(self, retry_after: int | None) -> None:
        super().__init__(429, "Request rate limit exceeded.", "rate_limit")
        self.retry_after = retry_after


def internal_error() -> StripeError:
    message = "An unknown error occurred. If you retry, the outcome of the first try is not known."
    return StripeError(500, message, kind="api_error")


def refuse_by(fault: Fault | None) -> None:
    """Raises what a fault answers in place of the call."""
    if fault is None:
        return
    if fault.kind == "rate_limited":
        raise RateLimited(fault.retry_after)
    if fault.kind == "error_before":
        raise internal_error()
    if fault.kind == "refuse":
        raise StripeError(
            fault.status, fault.message, fault.code, kind=fault.type, decline_code=fault.decline_code
        )
