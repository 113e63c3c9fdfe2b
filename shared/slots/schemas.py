"""How slots are asked for and told."""

import re
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError, WithJsonSchema

from shared.fields import Document, IdInQuery, Instant, TimeZone

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_instant: TypeAdapter[datetime] = TypeAdapter(Instant)


def _moment(asked: str) -> str:
    """A date or an instant; checked here, read by `moment`."""
    moment(asked)
    return asked


def moment(asked: str) -> date | datetime:
    """`2026-11-23` as a date, anything longer as an instant with its offset; ValueError for neither."""
    try:
        return date.fromisoformat(asked) if _DATE.fullmatch(asked) else _instant.validate_strings(asked)
    except ValidationError:
        raise ValueError("must be a date, or an RFC 3339 time with its offset") from None


Moment = Annotated[
    str,
    AfterValidator(_moment),
    WithJsonSchema({"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}),
]


class SlotsQuery(Document):
    """From `start` up to `end`; a date means the local day in `timeZone`, an end date that whole day."""

    start: Moment = Field(examples=["2026-11-23"])
    end: Moment = Field(examples=["2026-11-29"])
    time_zone: TimeZone = Field("UTC", examples=["Europe/Paris"])
    teacher_id: IdInQuery | None = Field(None, description="Only this teacher's")


class Slot(Document):
    start: datetime
    end: datetime
    teacher_ids: list[int] = Field(description="Who is free then")


class SlotList(Document):
    event_type_id: int
    time_zone: str
    slots: list[Slot]
