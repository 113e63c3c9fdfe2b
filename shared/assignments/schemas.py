"""How it is said who teaches what, in which hours, on which days."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StrictBool, StringConstraints, model_validator

from shared.bookings.schemas import BookedEventType
from shared.changes import changes_of
from shared.event_types.schemas import Teacher
from shared.fields import AsWhole, Document, Id, IdInQuery, TimeZone
from shared.slots.assignment_rule import parse_assignment_rule

Day = Annotated[str, StringConstraints(min_length=10, max_length=40)]


class RecurrenceRule(Document):
    """On which days the hours hold, as Cal.com has it: every `interval`-th period from `dtstart` on."""

    freq: Literal["YEARLY", "MONTHLY", "WEEKLY", "DAILY", 0, 1, 2, 3] = Field(examples=["WEEKLY"])
    interval: Annotated[int, Field(ge=1, le=1_000, strict=True), AsWhole] = Field(1, examples=[2])
    count: Annotated[int, Field(ge=1, le=100_000, strict=True), AsWhole] | None = None
    until: Day | None = Field(None, description="The last day, as a date or a time", examples=["2027-06-30"])
    dtstart: Day | None = Field(
        None,
        description="In the first period; the day of the assignment when left out",
        examples=["2027-01-11"],
    )
    tzid: TimeZone | None = Field(None, description="Of these dates; the schedule's when left out")

    @model_validator(mode="after")
    def _understood(self) -> Self:
        parse_assignment_rule(self.model_dump(exclude_none=True), "UTC", 0)
        return self


class AssignmentTerms(Document):
    """What of an assignment may be changed."""

    schedule_id: Id | None = Field(None, description="Of the teacher's own; null is their default one")
    recurrence_rule: RecurrenceRule | None = Field(None, description="Null is every day")
    is_published: StrictBool = Field(default=False, description="Their times are offered")


class NewAssignment(AssignmentTerms):
    event_type_id: Id
    teacher_id: Id


AssignmentChanges: Any = changes_of(AssignmentTerms, "AssignmentChanges")


class AssignmentOfStaff(AssignmentTerms):
    """Of one that Cal.com made, the rule may be such as could not be entered here."""

    id: int
    event_type: BookedEventType
    teacher: Teacher
    recurrence_rule: dict[str, Any] | None = None  # type: ignore[assignment]
    created_at: datetime
    updated_at: datetime


class AssignmentsOfStaff(Document):
    assignments: list[AssignmentOfStaff]
    next_cursor: str | None = None


class AssignmentsQuery(Document):
    """All filters must hold."""

    limit: int = Field(50, ge=1, le=100)
    cursor: IdInQuery | None = Field(None, description="`nextCursor` of the page before")
    event_type_id: IdInQuery | None = None
    teacher_id: IdInQuery | None = None
