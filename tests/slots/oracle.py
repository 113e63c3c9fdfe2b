"""The definition of a slot, said again as slowly as possible: minute by minute, without any arithmetic on
local time. Only good for a few days around an instant, and for hours on full minutes.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from shared.slots.types import Interval, Schedule, SlotRules

REACH = 4 * 86_400

Wall = tuple[date, int]
"""What the clock shows: the date, and minutes after midnight."""


@lru_cache(maxsize=64)
def walls(zone: str, around: int) -> dict[int, Wall]:
    """Each minute near `around`: its instant and what the wall shows then."""
    found = {}
    for instant in range(around - REACH, around + REACH, 60):
        wall = datetime.fromtimestamp(instant, ZoneInfo(zone))
        found[instant] = (wall.date(), wall.hour * 60 + wall.minute)
    return found


def open_minutes(schedule: Schedule, around: int) -> dict[int, date]:
    """Instants of the open minutes near `around`, each with its local date."""
    wall_of = walls(schedule.time_zone, around)
    return {instant: wall[0] for instant, wall in wall_of.items() if _is_open(schedule, *wall)}


def windows(dates: dict[int, date]) -> list[Interval]:
    """Runs of open minutes of one date."""
    found: list[list[int]] = []
    for instant, day in dates.items():
        if dates.get(instant - 60) == day:
            found[-1][1] = instant + 60
        else:
            found.append([instant, instant + 60])
    return [(start, end) for start, end in found]


def slots(
    rules: SlotRules,
    schedule: Schedule,
    busy: Sequence[Interval],
    start: int,
    end: int,
    now: int,
    around: int,
) -> list[int]:
    """All starts in [start, end), which must lie well within reach of `around`."""
    dates = open_minutes(schedule, around)
    last = last_date(rules, schedule, now, dates)
    return [
        minute
        for opens, closes in windows(dates)
        for minute in range(opens, closes, 60)
        if start <= minute < end
        and minute >= opens + rules.offset * 60
        and (minute - opens - rules.offset * 60) % (rules.interval * 60) == 0
        and all(minute + 60 * later in dates for later in range(rules.length))
        and not any(_meets(rules, minute, interval) for interval in busy)
        and minute - now >= rules.minimum_notice * 60
        and dates[minute] <= last
        and (rules.horizon.kind != "range" or dates[minute] >= (rules.horizon.start or date.min))
    ]


def last_date(rules: SlotRules, schedule: Schedule, now: int, dates: dict[int, date]) -> date:
    """The last date within the horizon, found by turning the pages of the calendar."""
    horizon = rules.horizon
    if horizon.kind == "range":
        return horizon.end or date.max
    if horizon.kind == "unlimited":
        return date.max
    days_left = horizon.days or 0
    day = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(schedule.time_zone)).date()
    if horizon.kind == "rolling":
        while days_left:
            day += timedelta(days=1)
            days_left -= horizon.counts_calendar_days or day.isoweekday() <= 5
        return day
    if not days_left:
        return day
    earliest = now + rules.minimum_notice * 60
    ahead = {day: None for minute, day in dates.items() if minute + 60 > earliest}
    counted = [day for day in ahead if horizon.counts_calendar_days or day.isoweekday() <= 5]
    return counted[days_left - 1] if len(counted) >= days_left else date.max


def _meets(rules: SlotRules, start: int, busy: Interval) -> bool:
    ours = start - rules.before_buffer * 60, start + (rules.length + rules.after_buffer) * 60
    return max(ours[0], busy[0]) < min(ours[1], busy[1])


def _is_open(schedule: Schedule, day: date, minute: int) -> bool:
    overrides = [item for item in schedule.overrides if item.date == day]
    weekly = [item for item in schedule.weekly if day.isoweekday() % 7 in item.days]
    for item in overrides or weekly:
        opens = item.start.hour * 60 + item.start.minute
        closes = item.end.hour * 60 + item.end.minute
        if opens != closes and closes in (0, 1439):
            closes = 1440
        if opens <= minute < closes:
            return True
    return False
