"""How hours are entered and told: local wall times of the schedule's zone.

As at Cal.com, hours do not cross midnight (two entries say the same), and those of one day do not overlap.
"""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, StrictBool, StringConstraints, model_validator

from shared.changes import changes_of
from shared.event_types.schemas import Teacher
from shared.fields import AsWhole, Document, Id, IdInQuery, LocalDate, Name, TimeZone

END_OF_DAY = "24:00"

Wall = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
WallEnd = Annotated[str, StringConstraints(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]


def _each_once(days: list[int]) -> list[int]:
    if len(set(days)) < len(days):
        raise ValueError("must name each day once")
    return sorted(days)


Days = Annotated[
    list[Annotated[int, Field(ge=0, le=6, strict=True), AsWhole]],
    Field(min_length=1, max_length=7),
    AfterValidator(_each_once),
]


class WeeklyHours(Document):
    """Every week; a day's last minute, 23:59, is its end too."""

    days: Days = Field(description="0 is Sunday", examples=[[1, 2, 3, 4, 5]])
    start: Wall = Field(examples=["09:00"])
    end: WallEnd = Field(examples=["17:00"])

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end <= self.start:
            raise ValueError("must end after they start, on the same day")
        return self


class DateHours(Document):
    """Of one date, in place of its weekly hours; without start and end the date is closed."""

    date: LocalDate = Field(examples=["2026-12-24"])
    start: Wall | None = Field(None, examples=["09:00"])
    end: WallEnd | None = Field(None, examples=["12:00"])

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if (self.start is None) != (self.end is None):
            raise ValueError("say both start and end, or neither")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError("must end after they start, on the same day")
        return self


class ScheduleTerms(Document):
    """What of a schedule may be changed. The lists are replaced as a whole."""

    name: Name = Field("Working hours", examples=["Term time"])
    time_zone: TimeZone = Field(examples=["America/New_York"])
    weekly: list[WeeklyHours] = Field(default=[], max_length=100)
    overrides: list[DateHours] = Field(default=[], max_length=500)
    is_default: StrictBool = Field(
        default=False, description="Holds wherever its teacher is assigned without a schedule"
    )

    @model_validator(mode="after")
    def _apart(self) -> Self:
        of_days = [(str(day), hours.start, hours.end) for hours in self.weekly for day in hours.days]
        of_dates = [(each.date.isoformat(), each.start or "00:00", each.end or END_OF_DAY)
                    for each in self.overrides]  # fmt: skip
        if _overlap(of_days) or _overlap(of_dates):
            raise ValueError("hours of one day must not overlap")
        return self


def _overlap(hours: Iterable[tuple[str, str, str]]) -> bool:
    by_day: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for day, start, end in hours:
        by_day[day].append((start, end))
    return any(after[0] < before[1] for day in by_day.values() for before, after in pairwise(sorted(day)))


class NewSchedule(ScheduleTerms):
    teacher_id: Id | None = Field(None, description="Whoever asks, when left out")


ScheduleChanges: Any = changes_of(ScheduleTerms, "ScheduleChanges")


class ScheduleOfStaff(ScheduleTerms):
    """Of one that Cal.com made, hours may be such as could not be entered here."""

    id: int
    teacher: Teacher


class SchedulesOfStaff(Document):
    schedules: list[ScheduleOfStaff]
    next_cursor: str | None = None


class SchedulesQuery(Document):
    limit: int = Field(50, ge=1, le=100)
    cursor: IdInQuery | None = Field(None, description="`nextCursor` of the page before")
    teacher_id: IdInQuery | None = None
