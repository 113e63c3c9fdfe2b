"""How much of an event type a teacher gives in a day, a week, a month, a year: Cal.com's limits.

Periods are those of the calendar on the teacher's wall. They begin at its midnights, whatever the clock does
that night, and a booking counts in the periods in which it starts. Weeks begin on Sunday: so Cal.com counts
them, whatever day its users' calendars begin with, and a school that comes from there keeps what it set.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, get_args

from shared.slots.local_days import DAY, calendar_date, day_number, local_day, utc_offsets, weekday
from shared.slots.types import Interval, Limit, LimitUnit

_UNITS: tuple[LimitUnit, ...] = get_args(LimitUnit)


@dataclass(frozen=True, slots=True)
class LimitWindow:
    """A period, epoch seconds, half-open, and what a teacher may have in it; None is no limit."""

    since: int
    until: int
    most_bookings: int | None
    most_minutes: int | None

    def has_room(self, bookings: int, minutes: float, length: int) -> bool:
        """Whether a lesson of `length` minutes may join those that start in the period."""
        return (self.most_bookings is None or bookings < self.most_bookings) and (
            self.most_minutes is None or minutes + length <= self.most_minutes
        )


def parse_limits(bookings: Any, minutes: Any) -> tuple[Limit, ...]:
    """Of EventType.bookingLimits and durationLimits as JSON tells them: `{"PER_DAY": 3}`.

    A limit that is absent, null or 0 is none, so at Cal.com; keys that it does not know are not looked at.
    Raises ValueError for anything else that is not a whole number from 1 on.
    """
    most, longest = _numbers(bookings), _numbers(minutes)
    return tuple(
        Limit(unit, most.get(unit), longest.get(unit)) for unit in _UNITS if unit in most or unit in longest
    )


def windows_of(limits: Sequence[Limit], time_zone: str, start: int) -> list[LimitWindow]:
    """The periods that a lesson which starts then counts in."""
    return [next(_windows(limit, time_zone, start, start + 1)) for limit in limits]


def full_periods(
    limits: Sequence[Limit], time_zone: str, length: int, booked: Sequence[Interval], start: int, end: int
) -> list[Interval]:
    """Periods that meet [start, end) and have no room for one more lesson of `length` minutes.

    `booked` are the lessons that count, in any order, complete for every period that meets it.
    """
    lessons = sorted(booked)
    begins = [begin for begin, _ in lessons]
    full = []
    for limit in limits:
        for window in _windows(limit, time_zone, start, end):
            inside = lessons[bisect_left(begins, window.since) : bisect_left(begins, window.until)]
            minutes = sum(finish - begin for begin, finish in inside) / 60
            if not window.has_room(len(inside), minutes, length):
                full.append((window.since, window.until))
    return full


def _numbers(told: Any) -> dict[LimitUnit, int]:
    if told is None:
        return {}
    if not isinstance(told, dict):
        raise ValueError("limits are an object")
    given = {unit: told[unit] for unit in _UNITS if told.get(unit) is not None}
    if not all(type(most) is int and most >= 0 for most in given.values()):
        raise ValueError("a limit is a whole number from 0 on")
    return {unit: most for unit, most in given.items() if most}


def _windows(limit: Limit, time_zone: str, start: int, end: int) -> Iterator[LimitWindow]:
    """The periods that meet [start, end), in order."""
    day = local_day(time_zone, start)
    while True:
        first, beyond = _PERIOD_OF[limit.unit](day)
        since, until = _midnight(time_zone, first), _midnight(time_zone, beyond)
        if since >= end:
            return
        # Where the clock went back over midnight its day has begun before, and a skipped day never does.
        if start < until:
            yield LimitWindow(since, until, limit.most_bookings, limit.most_minutes)
        day = beyond


def _day_of(day: int) -> Interval:
    return day, day + 1


def _week_of(day: int) -> Interval:
    sunday = day - weekday(day)
    return sunday, sunday + 7


def _month_of(day: int) -> Interval:
    year, month = calendar_date(day).year, calendar_date(day).month
    return day_number(date(year, month, 1)), day_number(date(year + month // 12, month % 12 + 1, 1))


def _year_of(day: int) -> Interval:
    year = calendar_date(day).year
    return day_number(date(year, 1, 1)), day_number(date(year + 1, 1, 1))


_PERIOD_OF = {"PER_DAY": _day_of, "PER_WEEK": _week_of, "PER_MONTH": _month_of, "PER_YEAR": _year_of}


@lru_cache(maxsize=4096)
def _midnight(time_zone: str, day: int) -> int:
    """The first instant at which the calendar shows that day, or a later one where it was skipped."""
    for since, until, offset in utc_offsets(time_zone, (day - 2) * DAY, (day + 3) * DAY):
        instant = max(since, day * DAY - offset)
        if instant < until:
            return instant
    raise ValueError(f"a day that never came: {day}")
