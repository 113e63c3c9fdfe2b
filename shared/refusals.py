"""What a model refuses, as a problem that names the places and tells none of the values back."""

from typing import Any

from pydantic import ValidationError

from shared.errors import InvalidRequest, MalformedRequest, Problem

MOST_ERRORS = 50
_MALFORMED = ("json_invalid", "json_type")


def refusal(error: ValidationError) -> Problem:
    """Which fields and why; never the values, which would come back in logs of others."""
    told = error.errors(include_url=False, include_context=False, include_input=False)
    if any(each["type"] in _MALFORMED for each in told):
        return MalformedRequest("The body is not JSON")
    return InvalidRequest(errors=[_place(each) for each in told[:MOST_ERRORS]])


def _place(error: Any) -> dict[str, str]:
    """Where and why; the place is a JSON pointer (RFC 6901)."""
    escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in error["loc"])
    pointer = "".join(f"/{part}" for part in escaped)
    return {"pointer": pointer, "code": error["type"], "detail": error["msg"]}
