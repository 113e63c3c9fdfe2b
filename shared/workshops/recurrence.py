"""When the sessions of a workshop are: a rule on the wall clock of a zone, so that ten o'clock stays so.

`rrule` counts local times, and each is resolved in the zone afterwards (PEP 495): one that the clocks jump
over is read as RFC 5545 says, by the offset before the jump; of one that comes twice the first is meant.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from dateutil import rrule  # type: ignore[import-untyped]  # its types are a package of their own

from shared.workshops.schemas import Recurrence

MOST_SESSIONS = 200
MOST_YEARS = 10

_FREQUENCIES = {"DAILY": rrule.DAILY, "WEEKLY": rrule.WEEKLY, "MONTHLY": rrule.MONTHLY}
_WEEKDAYS = {str(day): day for day in (rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU)}


@dataclass(frozen=True, slots=True)
class Occurrence:
    """UTC instants, and the local date of the start."""

    start: datetime
    end: datetime
    day: date


def expand(rule: Recurrence, zone: ZoneInfo, length: int) -> list[Occurrence]:
    """The occurrences, in order; `length` in minutes of elapsed time.

    Raises ValueError, with words for whoever wrote the rule, for a start that the clocks of `zone` jump over
    or that the rule's own days or its end leave out, for more than MOST_SESSIONS, beyond MOST_YEARS, or
    overlapping.
    """
    if _is_skipped(rule.start, zone):
        raise ValueError("the clocks of the time zone jump over this start")
    if rule.end_date is not None and rule.end_date < rule.start.date():
        raise ValueError("the endDate lies before the start")
    walls = list(_wall_times(rule))
    if not walls or walls[0] != rule.start:
        raise ValueError("the start is not on one of byDay")
    if len(walls) > MOST_SESSIONS:
        raise ValueError(f"a workshop has at most {MOST_SESSIONS} sessions")
    if rule.count is not None and len(walls) < rule.count:
        raise ValueError(f"the last session lies more than {MOST_YEARS} years after the first")
    found = [_occurrence(wall, zone, length) for wall in walls]
    if any(later.start < earlier.end for earlier, later in pairwise(found)):
        raise ValueError("a session begins before the one before it ends")
    return found


def _wall_times(rule: Recurrence) -> Iterator[datetime]:
    latest = rule.start + timedelta(days=366 * MOST_YEARS)
    if rule.end_date is not None:
        latest = min(latest, datetime.combine(rule.end_date, time.max))
    times = rrule.rrule(
        _FREQUENCIES[rule.frequency],
        dtstart=rule.start,
        interval=rule.interval,
        until=latest,
        byweekday=[_weekday(day) for day in rule.by_day] if rule.by_day else None,
    )
    return islice(times, MOST_SESSIONS + 1 if rule.count is None else rule.count)


def _weekday(day: str) -> rrule.weekday:
    """`MO`, or of a month `1MO` and `-1MO`: its first, its last."""
    place, weekday = day[:-2], _WEEKDAYS[day[-2:]]
    return weekday(int(place)) if place else weekday


def _occurrence(wall: datetime, zone: ZoneInfo, length: int) -> Occurrence:
    start = wall.replace(tzinfo=zone).astimezone(UTC)
    return Occurrence(start, start + timedelta(minutes=length), wall.date())


def _is_skipped(wall: datetime, zone: ZoneInfo) -> bool:
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall
