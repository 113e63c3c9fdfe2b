"""What a message of the outbox says has happened, and whom it is to be told."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from shared.errors import Problem

Reader = Literal["attendee", "teacher"]


class NewsNotUnderstood(Problem):
    """Another version wrote it; `detail` names what is wrong about it."""

    status, code, title = 422, "news_not_understood", "The message does not say what is to be told to whom"


class News(BaseModel):
    """Of a booking (`previous_id`: moved from which), those of a series, or an entry of a waitlist."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, extra="ignore", frozen=True, strict=True
    )

    booking_id: int | None = None
    booking_ids: list[int] = Field(default_factory=list)
    previous_id: int | None = None
    waitlist_entry_id: int | None = None
    to: Reader = "attendee"
    by: Literal["ATTENDEE", "STAFF", "SYSTEM"] = "SYSTEM"

    @property
    def told_ids(self) -> list[int]:
        return self.booking_ids if self.booking_id is None else [self.booking_id]

    @property
    def all_ids(self) -> list[int]:
        return self.told_ids if self.previous_id is None else [*self.told_ids, self.previous_id]


def news_of(payload: Mapping[str, Any]) -> News:
    """The news of a message's payload. Raises NewsNotUnderstood."""
    try:
        news = News.model_validate(payload)
    except ValidationError as error:
        raise NewsNotUnderstood(", ".join(str(part) for part in error.errors()[0]["loc"])) from None
    if not news.told_ids and news.waitlist_entry_id is None:
        raise NewsNotUnderstood("bookingId")
    return news
