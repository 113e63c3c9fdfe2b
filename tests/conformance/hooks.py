"""What Schemathesis does not know of this API: its formats, and which refusals no schema could foretell."""

import uuid
from datetime import date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import available_timezones

import schemathesis
from hypothesis import strategies as st
from schemathesis import Case, CheckContext, GenerationMode, HookContext, Response

from shared.fields import LAST_INSTANT

OFFSETS = st.integers(-14 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
DAY = 86_400

# Of what no schema says: one member depends on another, on the calendar, on what is stored, or it is about
# the digits of a number.
UNFORETOLD = frozenset(
    {"value_error", "address_refused", "decimal_max_digits", "decimal_max_places", "greater_than"}
)


def instants() -> st.SearchStrategy[str]:
    """Whole seconds that a calendar knows, on any clock."""
    seconds = st.integers(DAY, LAST_INSTANT - DAY)
    return st.builds(lambda at, zone: datetime.fromtimestamp(at, zone).isoformat(), seconds, OFFSETS)


schemathesis.openapi.format("date-time", instants())
schemathesis.openapi.format("date", st.dates(date(1970, 1, 1), date(2198, 12, 31)).map(date.isoformat))
schemathesis.openapi.format("iana-time-zone", st.sampled_from(sorted(available_timezones())))
schemathesis.openapi.format(
    "local-date-time",
    st.datetimes(datetime(1970, 1, 2), datetime(2150, 1, 1)).map(lambda at: f"{at:%Y-%m-%dT%H:%M}"),  # noqa: DTZ001
)


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """A key that was used with another request is refused, and so is an ETag of something older.

    Each request has a key of its own and changes whatever is there. Where the header with the manage token is
    left out on purpose, the link does not bring it either.
    """
    if case.headers and "If-Match" in case.headers:
        case.headers["If-Match"] = "*"
    if case.headers and "Idempotency-Key" in case.headers and _is_as_told(case):
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    if not _is_as_told(case) and "X-Manage-Token" not in (case.headers or {}) and case.query:
        case.query.pop("manageToken", None)


@schemathesis.check
def refused_for_what_no_schema_says(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Whoever keeps to the document is refused by no rule that it could have told."""
    if response.status_code not in (400, 422) or not _is_as_told(case):
        return
    told = response.json()
    foretold = [each for each in told.get("errors", []) if each["code"] not in UNFORETOLD]
    assert told["code"] != "malformed_request", told
    assert not foretold, told


@schemathesis.check
def says_the_code_that_the_document_has(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Clients branch on the code: each one is told with its status."""
    is_declared = case.method.upper() == case.operation.method.upper()
    if not is_declared or response.headers.get("content-type") != ["application/problem+json"]:
        return
    responses = case.operation.definition.raw["responses"]
    told = responses.get(str(response.status_code), {}).get("content", {}).get("application/problem+json", {})
    assert response.json()["code"] in told.get("examples", {}), response.json()


def _is_as_told(case: Case[Any]) -> bool:
    return case.meta is None or case.meta.generation.mode == GenerationMode.POSITIVE
