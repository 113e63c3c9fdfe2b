"""The kinds of values that requests are made of, each with the rule that every door applies."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic.alias_generators import to_camel
from pydantic.config import JsonDict

from shared.time_zones import zone

LONGEST_ADDRESS = 254
# The same rule as the database's valid_email_format; there it is matched without regard to case.
EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}", re.ASCII)

# Well before the end of what the slots engine computes with, so that a lesson after it fits too.
LAST_INSTANT = int(datetime(2199, 1, 1, tzinfo=UTC).timestamp())
MOST_OFFSET = timedelta(hours=14)

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029]")
_CONTROL_OR_BREAK = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")
# What turns the direction of the text around it, and what shows nothing at all.
_TURNS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_UNSEEN = re.compile(r"[\s\u00ad\u200b-\u200f\u2060-\u2064\ufeff]*")


class Document(BaseModel):
    """A request or an answer: camelCase outside, snake_case inside, and nothing that is not known."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, extra="forbid", frozen=True)


def exactly_one(*names: str) -> ConfigDict:
    """Tells a schema's reader what a validator sees to: one of the members, and not null."""
    return ConfigDict(json_schema_extra={"oneOf": [_given(name) for name in names]})


def at_least_one(*names: str) -> ConfigDict:
    """The same where more than one may be."""
    return ConfigDict(json_schema_extra={"anyOf": [_given(name) for name in names]})


def _given(name: str) -> JsonDict:
    return {"required": [name], "properties": {name: {"not": {"type": "null"}}}}


def normalised_email(address: str) -> str:
    """The address as it is compared and stored: trimmed, in lower case. ValueError when it is none."""
    address = address.strip()
    if len(address) > LONGEST_ADDRESS or not EMAIL.fullmatch(address):
        raise ValueError("not an e-mail address")
    return address.lower()


def _one_line(text: str) -> str:
    if _CONTROL_OR_BREAK.search(text):
        raise ValueError("must be one line without control characters")
    return text


def _seen(text: str) -> str:
    if _TURNS.search(text) or _UNSEEN.fullmatch(text):
        raise ValueError("must be text that can be seen, in its own direction")
    return text


def _lines(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("must not hold control characters")
    return text


def _time_zone(name: str) -> str:
    zone(name)
    return name


def _whole(number: Any) -> Any:
    """To JSON, 3.0 is an integer."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _rfc3339(text: Any) -> Any:
    """Pydantic would also take a number of seconds, or a date."""
    if not isinstance(text, str) or not _RFC_3339.fullmatch(text):
        raise ValueError("must be an RFC 3339 time with its offset")
    return text


def _of_the_calendar(instant: datetime) -> datetime:
    if instant.microsecond:
        raise ValueError("must not be finer than a second")
    if not 0 <= instant.timestamp() < LAST_INSTANT or abs(instant.utcoffset() or timedelta()) > MOST_OFFSET:
        raise ValueError("must be a time that a calendar knows")
    return instant


def _local_date(asked: Any) -> Any:
    """Pydantic would also take a number of seconds, or a time at midnight."""
    if isinstance(asked, date) or (isinstance(asked, str) and _DAY.fullmatch(asked)):
        return asked
    raise ValueError("must be a date, as 2027-02-16")


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_one_line),
    AfterValidator(_seen),
    Field(json_schema_extra={"pattern": r"\S"}),
]
Notes = Annotated[str, StringConstraints(max_length=5_000), AfterValidator(_lines)]
# Part of what is looked for; blank finds all.
Search = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$"), AfterValidator(str.strip)]
EmailAddress = Annotated[
    str,
    StringConstraints(max_length=LONGEST_ADDRESS + 2),
    AfterValidator(normalised_email),
    # Not the format `email`, which allows what mail programs do not.
    Field(json_schema_extra={"pattern": rf"^\s*{EMAIL.pattern}\s*$"}),
]
TimeZone = Annotated[
    str,
    AfterValidator(_time_zone),
    Field(description="IANA name, as `Europe/Paris`", json_schema_extra={"format": "iana-time-zone"}),
]
Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]
AsWhole = BeforeValidator(_whole)
Id = Annotated[int, Field(ge=1, lt=1 << 31, strict=True), AsWhole]
# In a query string everything is text.
IdInQuery = Annotated[int, Field(ge=1, lt=1 << 31)]
# A wall time says twice or never which instant it is when the clocks change, so the offset is asked for.
Instant = Annotated[
    AwareDatetime,
    Field(description="RFC 3339 with its offset from UTC"),
    BeforeValidator(_rfc3339),
    AfterValidator(_of_the_calendar),
]
LocalDate = Annotated[
    date,
    BeforeValidator(_local_date),
    Field(ge=date(1970, 1, 1), lt=date(2199, 1, 1), description="Of a local calendar"),
]
