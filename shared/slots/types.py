"""What the slots engine is told. Plain values: whoever loads rows builds these and calls `find_slots`."""

from dataclasses import dataclass
from datetime import date, time
from typing import Literal

from shared.slots.assignment_rule import AssignmentRule

HorizonKind = Literal["unlimited", "rolling", "rolling_window", "range"]

LimitUnit = Literal["PER_DAY", "PER_WEEK", "PER_MONTH", "PER_YEAR"]

Interval = tuple[int, int]
"""Epoch seconds UTC, half-open: the first is in, the second is not."""

MINUTES_A_DAY = 24 * 60


def minutes_of_day(start: time, end: time) -> tuple[int, int]:
    """Minutes after local midnight (0 to 1440) between which the hours are open; equal means never.

    An end of 23:59 (the latest that Cal.com lets people enter) or 00:00 is the end of the day. Seconds are
    not looked at, as in Cal.com. Raises ValueError for an end before the start or a time with a zone.
    """
    if start.tzinfo or end.tzinfo:
        raise ValueError(f"hours are local times without a zone: {start}-{end}")
    opens, closes = start.hour * 60 + start.minute, end.hour * 60 + end.minute
    if opens == closes:
        return opens, opens
    if closes in (0, MINUTES_A_DAY - 1):
        closes = MINUTES_A_DAY
    if closes < opens:
        raise ValueError(f"hours end before they start: {start}-{end}")
    return opens, closes


@dataclass(frozen=True, slots=True)
class Hours:
    """Open every week on `days` (0 = Sunday … 6 = Saturday) from `start` to `end`, local wall time."""

    days: tuple[int, ...]
    start: time
    end: time

    def __post_init__(self) -> None:
        if not all(0 <= day <= 6 for day in self.days):
            raise ValueError(f"days of the week are 0 (Sunday) to 6 (Saturday): {self.days}")
        minutes_of_day(self.start, self.end)


@dataclass(frozen=True, slots=True)
class DateOverride:
    """Open on that local date only; the overrides of a date replace its weekly hours, start == end closes."""

    date: date
    start: time
    end: time

    def __post_init__(self) -> None:
        minutes_of_day(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A teacher's hours on the wall clock of an IANA zone, which is checked when it is used.

    `rule` says on which days the hours hold, None: on all. `away` are numbers of local days
    (`local_days.day_number`) on which the teacher is out of office: they open nothing, overrides included.
    """

    time_zone: str
    weekly: tuple[Hours, ...]
    overrides: tuple[DateOverride, ...]
    rule: AssignmentRule | None = None
    away: tuple[range, ...] = ()


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far ahead may be booked; Cal.com's periodType, periodDays, periodCountCalendarDays and dates.

    All dates are local dates of the schedule's zone, `start` and `end` inclusive. See `bookable_days`.
    """

    kind: HorizonKind
    days: int | None
    counts_calendar_days: bool
    start: date | None
    end: date | None

    def __post_init__(self) -> None:
        if self.kind.startswith("rolling") and (self.days is None or self.days < 0):
            raise ValueError(f"a {self.kind} horizon needs a number of days, 0 or more: {self.days}")
        if self.kind == "range" and (self.start is None or self.end is None or self.end < self.start):
            raise ValueError(
                f"a range horizon needs a first and a last date, in order: {self.start}, {self.end}"
            )


@dataclass(frozen=True, slots=True)
class Limit:
    """The most bookings and the most booked minutes a teacher has of an event type in a period.

    None is no limit. Cal.com's bookingLimits and durationLimits; see `limits.py`.
    """

    unit: LimitUnit
    most_bookings: int | None
    most_minutes: int | None


@dataclass(frozen=True, slots=True)
class SlotRules:
    """What an event type asks of its slots, in minutes; `interval` is slotInterval, or else `length`."""

    length: int
    interval: int
    offset: int
    before_buffer: int
    after_buffer: int
    minimum_notice: int
    horizon: Horizon
    limits: tuple[Limit, ...] = ()

    def __post_init__(self) -> None:
        if self.length < 1 or self.interval < 1:
            raise ValueError(f"length and interval are at least a minute: {self.length}, {self.interval}")
        for name in ("offset", "before_buffer", "after_buffer", "minimum_notice"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} cannot be negative: {getattr(self, name)}")
