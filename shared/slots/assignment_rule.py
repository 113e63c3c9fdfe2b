"""On which days a teacher's assignment holds: its recurrenceRule, in Cal.com's recurrence format."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from shared.slots.local_days import calendar_date, day_number, local_day
from shared.time_zones import zone

Frequency = Literal["YEARLY", "MONTHLY", "WEEKLY", "DAILY"]

# Cal.com numbers them so, as the library does whose rules it stores.
_FREQUENCIES: tuple[Frequency, ...] = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
_KEYS = frozenset({"freq", "interval", "count", "until", "dtstart", "tzid"})

# Day numbers to numbers of the period they lie in. Weeks begin on Monday, as RFC 5545 has it for rules
# that do not say.
_PERIOD_OF: dict[Frequency, Callable[[int], int]] = {
    "DAILY": lambda day: day,
    "WEEKLY": lambda day: (day + 3) // 7,
    "MONTHLY": lambda day: calendar_date(day).year * 12 + calendar_date(day).month,
    "YEARLY": lambda day: calendar_date(day).year,
}


@dataclass(frozen=True, slots=True)
class AssignmentRule:
    """Every `interval`-th period, from the one that holds `first` on, `count` of them or without end.

    `first` and `last` are numbers of local days, both included; no day outside them is open.
    """

    frequency: Frequency
    interval: int
    first: int
    count: int | None = None
    last: int | None = None

    def opens(self, day: int) -> bool:
        """Whether the hours of this local day hold."""
        if day < self.first or (self.last is not None and day > self.last):
            return False
        period_of = _PERIOD_OF[self.frequency]
        turn, rest = divmod(period_of(day) - period_of(self.first), self.interval)
        return rest == 0 and (self.count is None or turn < self.count)


def parse_assignment_rule(told: Any, time_zone: str, assigned_at: int) -> AssignmentRule | None:
    """The rule of a JSON document; None for none (null, {}), which opens every day.

    `{"freq": 2, "interval": 2}`: every other week. Keys are Cal.com's: freq (0 to 3, or its name), interval,
    count, until, dtstart, tzid. Dates and times are read in tzid, else in `time_zone`, the schedule's; the
    rule begins at dtstart, else at `assigned_at` (epoch seconds). Raises ValueError for what cannot be
    understood: whoever offers times by it must offer none, because nobody knows which were meant.
    """
    if told is None or told == {}:
        return None
    if not isinstance(told, dict):
        raise ValueError("a recurrence rule is an object")
    given = {key: value for key, value in told.items() if value is not None}
    if not given.keys() <= _KEYS:
        raise ValueError(f"a recurrence rule has no {sorted(given.keys() - _KEYS)}")
    read_in = zone(str(given.get("tzid", time_zone))).key
    return AssignmentRule(
        _frequency(given.get("freq")),
        _positive(given.get("interval", 1)),
        first=_day(given["dtstart"], read_in) if "dtstart" in given else local_day(time_zone, assigned_at),
        count=_positive(given["count"]) if "count" in given else None,
        last=_day(given["until"], read_in) if "until" in given else None,
    )


def _frequency(told: Any) -> Frequency:
    for number, name in enumerate(_FREQUENCIES):
        if told == name or (told == number and not isinstance(told, bool)):
            return name
    raise ValueError("a recurrence rule's freq is 0 to 3, YEARLY to DAILY")


def _positive(told: Any) -> int:
    if isinstance(told, bool) or not isinstance(told, int) or told < 1:
        raise ValueError("interval and count of a recurrence rule are whole numbers from 1 on")
    return told


def _day(told: Any, time_zone: str) -> int:
    """Of a date, of a wall time without offset, or of an instant as the zone's calendar shows it."""
    if not isinstance(told, str):
        raise ValueError("dates of a recurrence rule are text")
    moment = datetime.fromisoformat(told)
    return local_day(time_zone, int(moment.timestamp())) if moment.tzinfo else day_number(moment.date())
