"""How an event type is told to the public."""

from decimal import Decimal
from typing import Literal

from pydantic import Field

from shared.fields import Document, IdInQuery


class Price(Document):
    amount: Decimal = Field(description="In major units, as `15.00`", examples=["15.00"])
    currency: str = Field(examples=["EUR"])


class Teacher(Document):
    id: int
    name: str


class EventTypeView(Document):
    id: int
    kind: Literal["lesson", "workshop"]
    title: str
    slug: str
    description: str | None = None
    length: int = Field(description="Minutes", examples=[30])
    price: Price | None = Field(None, description="Absent for what is free")
    whitelisted: bool = Field(description="Only addresses on the school's list may book")
    requires_confirmation: bool
    seat_limit: int | None = None
    refund_window_hours: int
    teachers: list[Teacher]


class EventTypeList(Document):
    event_types: list[EventTypeView]
    next_cursor: str | None = None


class ListQuery(Document):
    """The parameters of every list."""

    limit: int = Field(50, ge=1, le=200)
    cursor: IdInQuery | None = Field(None, description="`nextCursor` of the page before")
