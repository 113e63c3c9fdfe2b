"""Which starts are free. Showing and booking ask the same question here, so what is shown can be booked."""

from collections.abc import Iterator, Sequence

from shared.slots.horizon import bookable_days
from shared.slots.intervals import merged
from shared.slots.limits import full_periods
from shared.slots.local_days import check_instant
from shared.slots.open_hours import windows_of_days
from shared.slots.types import Interval, Schedule, SlotRules

_NEVER = 1 << 62


def find_slots(
    rules: SlotRules,
    schedule: Schedule,
    busy: Sequence[Interval],
    start: int,
    end: int,
    now: int,
    booked: Sequence[Interval] = (),
) -> list[int]:
    """The starts s with start <= s < end that may be booked at `now`; epoch seconds, in order, each once.

    * s lies on the grid of an open window: its first instant + offset, then every `interval` minutes to its
      end. The grid does not depend on bookings nor on what is asked for.
    * The lesson lies within open time; windows that touch, as at midnight, count as one.
    * The lesson with its buffers meets none of `busy`, which carry their own buffers, in any order.
    * s is not before now + minimum notice, and its local date is within the horizon (`bookable_days`).
    * No period of the rules' limits that s lies in is full (`full_periods`). `booked` are the teacher's
      lessons of this event type without buffers, in any order, complete for those periods.

    Raises ValueError for an interval, or a pair of start and end, in the wrong order and for instants outside
    the years 1900 to 2200; its subclass `UnknownTimeZone` for the schedule's zone.
    """
    _check(start, end, now)
    earliest = max(start, now + rules.minimum_notice * 60)
    blocked = _blocked_starts(rules, busy)
    if earliest >= end:
        return []
    if rules.limits:
        full = full_periods(rules.limits, schedule.time_zone, rules.length, booked, earliest, end)
        blocked = merged([*blocked, *full])
    return _not_blocked(_grid(rules, schedule, earliest, end, now), blocked)


def is_bookable(
    rules: SlotRules,
    schedule: Schedule,
    busy: Sequence[Interval],
    start: int,
    now: int,
    booked: Sequence[Interval] = (),
) -> bool:
    """Whether `find_slots` offers this start; `busy` needs to be complete around the lesson only."""
    return bool(find_slots(rules, schedule, busy, start, start + 1, now, booked))


def _check(start: int, end: int, now: int) -> None:
    for instant in (start, end, now):
        check_instant(instant)
    if end < start:
        raise ValueError(f"the end lies before the start: {start}, {end}")


def _grid(rules: SlotRules, schedule: Schedule, earliest: int, end: int, now: int) -> Iterator[int]:
    """Starts within open time and horizon, whoever booked what."""
    length, step, offset = rules.length * 60, rules.interval * 60, rules.offset * 60
    windows = [
        window
        for window in windows_of_days(schedule, earliest, end + length)
        if not any(window[2] in days for days in schedule.away)
    ]
    days = bookable_days(rules, schedule, now, end) if windows else range(0)
    for (opens, closes, day), open_until in zip(windows, _open_until(windows), strict=True):
        if day in days:
            anchor = opens + offset
            low = max(anchor, earliest)
            yield from range(low + (anchor - low) % step, min(closes, open_until - length + 1, end), step)


def _open_until(windows: Sequence[tuple[int, int, int]]) -> list[int]:
    """For each window, when the open time that it is part of ends."""
    ends: list[int] = []
    next_opens = open_until = _NEVER
    for opens, closes, _ in reversed(windows):
        open_until = open_until if closes == next_opens else closes
        next_opens = opens
        ends.append(open_until)
    return ends[::-1]


def _blocked_starts(rules: SlotRules, busy: Sequence[Interval]) -> list[Interval]:
    """A lesson with its buffers meets [begin, finish) when its start lies in the interval made of it here."""
    before, after = rules.before_buffer * 60, (rules.length + rules.after_buffer) * 60
    return merged((begin - after + 1, finish + before) for begin, finish in merged(busy))


def _not_blocked(starts: Iterator[int], blocked: Sequence[Interval]) -> list[int]:
    """One sweep over both, which are in order."""
    ahead = iter([*blocked, (_NEVER, _NEVER)])
    begin, finish = next(ahead)
    free = []
    for start in starts:
        while finish <= start:
            begin, finish = next(ahead)
        if start < begin:
            free.append(start)
    return free
