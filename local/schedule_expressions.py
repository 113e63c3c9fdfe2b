"""AWS's schedule expressions: `rate(15 minutes)` and `cron(0 9 ? * MON-FRI *)`."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]

# Beyond the longest gap of a yearly date, 29 February over 2100.
SEARCHED_DAYS = 366 * 9


@dataclass(frozen=True)
class Rate:
    interval: timedelta

    def next_after(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """`moment` is the last firing, or the start of the run; both are aware."""
        return moment + self.interval


@dataclass(frozen=True)
class Cron:
    """Every allowed value of each field; weekdays count from Sunday = 1, as AWS has it."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    years: frozenset[int]

    def next_after(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """The first wall time in `zone` after `moment`, in UTC; one that a DST change skips is skipped."""
        first = moment.astimezone(zone).date()
        for offset in range(SEARCHED_DAYS):
            for candidate in self.times_of(first + timedelta(days=offset), zone):
                if candidate > moment:
                    return candidate
        return None

    def times_of(self, day: date, zone: ZoneInfo) -> list[datetime]:
        if not self.includes(day):
            return []
        wall_times = [
            datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
            for hour in sorted(self.hours)
            for minute in sorted(self.minutes)
        ]
        instants = [(wall, wall.astimezone(UTC)) for wall in wall_times]
        return [
            instant for wall, instant in instants if instant.astimezone(zone).timetuple() == wall.timetuple()
        ]

    def includes(self, day: date) -> bool:
        return (
            day.year in self.years
            and day.month in self.months
            and day.day in self.days
            and day.isoweekday() % 7 + 1 in self.weekdays
        )


Timetable = Rate | Cron


class UnsupportedExpression(Exception):
    """This run cannot keep it: `at(…)`, L, W and # inside cron, or a mistake."""


def timetable(expression: str) -> Timetable:
    """Raises UnsupportedExpression."""
    found = re.fullmatch(r"(rate|cron)\((.+)\)", expression.strip())
    if found is None:
        raise UnsupportedExpression(f"{expression} is neither rate(…) nor cron(…)")
    kind, text = found.groups()
    try:
        return rate(text) if kind == "rate" else cron(text)
    except ValueError as error:
        raise UnsupportedExpression(f"{expression}: {error}") from error


def rate(text: str) -> Rate:
    found = re.fullmatch(r"([1-9]\d*) (minute|hour|day)s?", text.strip())
    if found is None:
        raise ValueError(f"rate({text}) is not a number of minutes, hours or days")
    return Rate(int(found[1]) * UNITS[found[2]])


def cron(text: str) -> Cron:
    fields = text.split()
    if len(fields) != 6:
        raise ValueError(f"cron({text}) has not six fields")
    minutes, hours, days, months, weekdays, years = fields
    if (days == "?") == (weekdays == "?"):
        raise ValueError(f"cron({text}): one of the day fields is ?, and only one")
    return Cron(
        minutes=values(minutes, 0, 59),
        hours=values(hours, 0, 23),
        days=values(days, 1, 31),
        months=values(months, 1, 12, MONTHS),
        weekdays=values(weekdays, 1, 7, WEEKDAYS),
        years=values(years, 1970, 2199),
    )


def values(field: str, lowest: int, highest: int, names: list[str] | None = None) -> frozenset[int]:
    """`1,3-5`, `*/15`, `MON-FRI`, `?`."""
    if field == "?":
        field = "*"
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = ("", "", "") if span == "*" else span.partition("-")
        start = number(first, names) if first else lowest
        end = number(last, names) if last else (start if first and not step else highest)
        if not lowest <= start <= end <= highest:
            raise ValueError(f"{part} is outside {lowest} to {highest}")
        found.update(range(start, end + 1, int(step or 1)))
    return frozenset(found)


def number(text: str, names: list[str] | None) -> int:
    if names is not None and text.upper() in names:
        return names.index(text.upper()) + 1
    return int(text)
