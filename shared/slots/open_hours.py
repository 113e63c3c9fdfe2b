"""When a schedule is open, as instants."""

from collections.abc import Callable, Iterator

from shared.slots.intervals import merged
from shared.slots.local_days import DAY, check_instant, day_number, utc_offsets, weekday
from shared.slots.types import DateOverride, Hours, Interval, Schedule, minutes_of_day

# The longest local date there ever was lasted 48 hours (a day repeated at the date line).
_LONGEST_DATE = 2 * DAY


def open_windows(schedule: Schedule, start: int, end: int) -> list[Interval]:
    """The windows of open time that meet [start, end), epoch seconds, whole and in order.

    An instant is open when the wall clock of the zone shows, at that instant, a date and a time inside the
    hours of that date, which has none where the schedule's rule does not open it. A window is a longest run
    of open instants of one local date. So hours that begin in a gap begin when the clock has jumped, hours
    inside a gap vanish, hours that overlap a repeated hour are open both times (in two windows where closed
    time lies between), and at midnight a new window begins. Days away are not looked at here.

    Raises ValueError when the end lies before the start or outside the years 1900 to 2200, and its subclass
    `UnknownTimeZone`.
    """
    return [(opens, closes) for opens, closes, _ in windows_of_days(schedule, start, end)]


def windows_of_days(schedule: Schedule, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """`open_windows`, one at a time, each with the number of its local day."""
    check_instant(start)
    check_instant(end)
    if end < start:
        raise ValueError(f"the end lies before the start: {start}, {end}")
    for opens, closes, day in _windows(schedule, start - _LONGEST_DATE, end + _LONGEST_DATE):
        if opens < end and start < closes:
            yield opens, closes, day


def _windows(schedule: Schedule, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Joins the pieces of a day that follow one another without a pause, as over a skipped hour."""
    run: tuple[int, int, int] | None = None
    for opens, closes, day in _pieces(schedule, start, end):
        if run and run[1] == opens and run[2] == day:
            run = run[0], closes, day
            continue
        if run:
            yield run
        run = opens, closes, day
    if run:
        yield run


def _pieces(schedule: Schedule, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Under one offset local time is UTC shifted, so hours become instants by subtraction and clipping."""
    hours_of = _hours_of_days(schedule)
    for since, until, offset in utc_offsets(schedule.time_zone, start, end):
        for day in range((since + offset) // DAY, (until + offset - 1) // DAY + 1):
            midnight = day * DAY - offset
            for opens, closes in hours_of(day):
                piece_start, piece_end = max(midnight + opens, since), min(midnight + closes, until)
                if piece_start < piece_end:
                    yield piece_start, piece_end, day


def _hours_of_days(schedule: Schedule) -> Callable[[int], list[Interval]]:
    """The hours of a day number, in seconds after midnight on the wall."""
    weekly = [merged(_seconds(hours) for hours in schedule.weekly if day in hours.days) for day in range(7)]
    listed: dict[int, list[Interval]] = {}
    for override in schedule.overrides:
        listed.setdefault(day_number(override.date), []).append(_seconds(override))
    replaced = {day: merged(hours) for day, hours in listed.items()}

    def hours_of(day: int) -> list[Interval]:
        found = replaced.get(day)
        return weekly[weekday(day)] if found is None else found

    rule = schedule.rule
    return hours_of if rule is None else lambda day: hours_of(day) if rule.opens(day) else []


def _seconds(hours: Hours | DateOverride) -> Interval:
    opens, closes = minutes_of_day(hours.start, hours.end)
    return opens * 60, closes * 60
