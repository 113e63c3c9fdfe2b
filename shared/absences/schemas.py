"""How absences are entered and told: whole days of the calendar that the teacher's hours are in."""

from datetime import datetime
from typing import Any, Self

from pydantic import Field, model_validator

from shared.changes import changes_of
from shared.event_types.schemas import Teacher
from shared.fields import Document, Id, IdInQuery, LocalDate, Notes


class AbsenceTerms(Document):
    """What of an absence may be changed. Both days are part of it."""

    start: LocalDate = Field(examples=["2026-12-24"])
    end: LocalDate = Field(examples=["2027-01-02"])
    notes: Notes | None = Field(None, description="For the staff only")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise ValueError("must not end before it starts")
        return self


class NewAbsence(AbsenceTerms):
    teacher_id: Id | None = Field(None, description="Whoever asks, when left out")


AbsenceChanges: Any = changes_of(AbsenceTerms, "AbsenceChanges")


class AbsenceOfStaff(AbsenceTerms):
    id: int
    teacher: Teacher
    created_at: datetime


class AbsencesOfStaff(Document):
    absences: list[AbsenceOfStaff]
    next_cursor: str | None = None


class AbsencesQuery(Document):
    """All filters must hold."""

    limit: int = Field(50, ge=1, le=100)
    cursor: IdInQuery | None = Field(None, description="`nextCursor` of the page before")
    teacher_id: IdInQuery | None = None
    since: LocalDate | None = Field(None, alias="from", description="Not over before that day")
