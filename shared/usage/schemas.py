"""How a school's use of its plan is told."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.fields import Document
from shared.plans.plans import Feature, PlanName

Month = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$"),
    Field(description="A month (UTC), as `2026-11`"),
]


class Used(Document):
    used: int
    allowed: int | None = Field(None, description="Absent: unlimited")
    percent: int | None = Field(None, description="Of what is allowed, rounded down; absent: unlimited")


class MonthUsed(Document):
    month: Month
    bookings: int = Field(description="That were made in the month, whatever became of them")
    teachers: int = Field(description="As the month began, or when it was counted again")
    event_types: int = Field(description="The same, published ones")


class UsageView(Document):
    plan: PlanName
    features: list[Feature]
    month: Month
    renews_at: datetime = Field(description="When the bookings of the next month begin to count")
    bookings: Used = Field(description="Of this month")
    teachers: Used = Field(description="Now, those who are not locked")
    event_types: Used = Field(description="Now, published ones")
    history: list[MonthUsed] = Field(description="The months before this one, newest first")
    next_cursor: str | None = Field(None, description="Absent on the last page of the history")


class UsageQuery(Document):
    cursor: Month | None = Field(None, description="`nextCursor` of the page before")
    limit: int = Field(12, ge=1, le=100, description="Months of the history")
