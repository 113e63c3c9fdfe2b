"""Local days as plain numbers, and the offsets from UTC that lead to them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import lru_cache

from shared.time_zones import zone

DAY = 86_400

# Nobody books lessons beyond these years, and a request for the year 9000 must not cost a walk to get there.
EARLIEST = int(datetime(1900, 1, 1, tzinfo=UTC).timestamp())
LATEST = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp())

_EPOCH = date(1970, 1, 1).toordinal()
_BLOCK = 32 * DAY


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH


def calendar_date(day: int) -> date:
    """The date of a day number."""
    return date.fromordinal(day + _EPOCH)


def weekday(day: int) -> int:
    """Day of the week of a day number, 0 = Sunday … 6 = Saturday."""
    return (day + 4) % 7


def local_day(time_zone: str, instant: int) -> int:
    """Day number that the calendar on the wall shows at `instant` (epoch seconds)."""
    check_instant(instant)
    return (instant + _offset_at(time_zone, instant)) // DAY


def check_instant(instant: int) -> None:
    """Raises ValueError for epoch seconds outside the years 1900 to 2200."""
    if not EARLIEST <= instant <= LATEST:
        raise ValueError(f"not an instant between the years 1900 and 2200, in epoch seconds: {instant}")


def utc_offsets(time_zone: str, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Cuts [start, end) where the zone's offset changes: (start, end, seconds east of UTC), in order.

    May cut elsewhere too. Raises `UnknownTimeZone`.
    """
    for block in range(start // _BLOCK, -(-end // _BLOCK)):
        for since, until, offset in _offsets_of_block(time_zone, block):
            if since < end and start < until:
                yield max(since, start), min(until, end), offset


@lru_cache(maxsize=4096)
def _offsets_of_block(time_zone: str, block: int) -> tuple[tuple[int, int, int], ...]:
    """zoneinfo hides its transitions, so look once a day: no zone ever changed twice within six days."""
    since = block * _BLOCK
    offset = _offset_at(time_zone, since)
    pieces = []
    for probe in range(since + DAY, since + _BLOCK + 1, DAY):
        later = _offset_at(time_zone, probe)
        if later != offset:
            change = _change_between(time_zone, probe - DAY, probe)
            pieces.append((since, change, offset))
            since, offset = change, later
    return *pieces, (since, (block + 1) * _BLOCK, offset)


def _change_between(time_zone: str, before: int, after: int) -> int:
    """First second of the new offset, given an instant on either side."""
    old = _offset_at(time_zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset_at(time_zone, middle) == old:
            before = middle
        else:
            after = middle
    return after


def _offset_at(time_zone: str, instant: int) -> int:
    # From UTC to local time there is one answer, always; the other way there may be none or two.
    offset = datetime.fromtimestamp(instant, zone(time_zone)).utcoffset()
    return int(offset.total_seconds()) if offset else 0
