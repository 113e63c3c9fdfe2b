"""Writes dst_nights.csv: what must be offered around changes of the clock, found without any zone library.

Run it as `python tests/slots/make_dst_table.py`. The changes are written down below from the laws of the
places; each UTC minute is then looked at on its own, so there is no local time to resolve and no rule shared
with the code under test.

Columns, one row a case:
    zone     IANA name of the schedule's time zone
    change   UTC instant at which the clock changes, and `by` minutes (negative: an hour is repeated)
    hours    the only open hours, local wall time, each `date start-end`, joined by "; " (24:00 ends the day)
    length   of a lesson in minutes; it is the interval too. No offset, buffers, notice or horizon
    starts   every start that is offered, UTC instants joined by spaces; empty when there is none
"""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).with_name("dst_nights.csv")
COLUMNS = ("zone", "change", "by", "hours", "length", "starts")
LENGTHS = (30, 60)
MINUTE = timedelta(minutes=1)


class Change(NamedTuple):
    """Clocks of `zone` show UTC + `before` minutes until `instant`, UTC + `after` from then on."""

    zone: str
    instant: str
    before: int
    after: int
    eve: str
    day: str


# eve and day: the local dates on either side of the night, by hand. In Santiago and Cairo the clock changes
# at midnight itself; Apia went from the 29th to the 31st.
CHANGES = (
    Change("America/New_York", "2026-03-08T07:00Z", -300, -240, "2026-03-07", "2026-03-08"),
    Change("America/New_York", "2026-11-01T06:00Z", -240, -300, "2026-10-31", "2026-11-01"),
    Change("America/New_York", "2027-03-14T07:00Z", -300, -240, "2027-03-13", "2027-03-14"),
    Change("America/New_York", "2027-11-07T06:00Z", -240, -300, "2027-11-06", "2027-11-07"),
    Change("America/Santiago", "2026-04-05T03:00Z", -180, -240, "2026-04-04", "2026-04-05"),
    Change("America/Santiago", "2026-09-06T04:00Z", -240, -180, "2026-09-05", "2026-09-06"),
    Change("America/Santiago", "2027-04-04T03:00Z", -180, -240, "2027-04-03", "2027-04-04"),
    Change("America/Santiago", "2027-09-05T04:00Z", -240, -180, "2027-09-04", "2027-09-05"),
    Change("Africa/Cairo", "2026-04-23T22:00Z", 120, 180, "2026-04-23", "2026-04-24"),
    Change("Africa/Cairo", "2026-10-29T21:00Z", 180, 120, "2026-10-29", "2026-10-30"),
    Change("Africa/Cairo", "2027-04-29T22:00Z", 120, 180, "2027-04-29", "2027-04-30"),
    Change("Africa/Cairo", "2027-10-28T21:00Z", 180, 120, "2027-10-28", "2027-10-29"),
    Change("Australia/Lord_Howe", "2026-04-04T15:00Z", 660, 630, "2026-04-04", "2026-04-05"),
    Change("Australia/Lord_Howe", "2026-10-03T15:30Z", 630, 660, "2026-10-03", "2026-10-04"),
    Change("Australia/Lord_Howe", "2027-04-03T15:00Z", 660, 630, "2027-04-03", "2027-04-04"),
    Change("Australia/Lord_Howe", "2027-10-02T15:30Z", 630, 660, "2027-10-02", "2027-10-03"),
    Change("Pacific/Apia", "2011-12-30T10:00Z", -600, 840, "2011-12-29", "2011-12-31"),
)


def rows() -> Iterator[dict[str, str]]:
    """The table, row by row."""
    for change in CHANGES:
        clock = list(_clock(change))
        for hours in _cases(change):
            for length in LENGTHS:
                starts = _offered(clock, hours, length)
                values = (change.zone, change.instant, str(change.after - change.before), hours, str(length))
                yield dict(zip(COLUMNS, (*values, " ".join(starts)), strict=True))


def _cases(change: Change) -> Iterator[str]:
    eve, day = change.eve, change.day
    for evening in ("22:00-24:00", "23:15-23:45"):
        yield f"{eve} {evening}"
    for morning in ("00:00-06:00", "00:00-01:30", "00:15-00:45", "01:30-02:30", "02:15-02:45"):
        yield f"{day} {morning}"
    yield f"{eve} 22:00-24:00; {day} 00:00-06:00"
    skipped = date.fromisoformat(eve) + timedelta(days=1)
    if skipped.isoformat() != day:
        yield f"{skipped} 00:00-24:00"
        yield f"{eve} 22:00-24:00; {skipped} 00:00-24:00; {day} 00:00-02:00"


def _clock(change: Change) -> Iterator[tuple[datetime, str, str]]:
    """Every UTC minute of three days before and after: (instant, date and time that the wall shows)."""
    turn = datetime.fromisoformat(change.instant)
    instant = turn - timedelta(days=3)
    while instant < turn + timedelta(days=3):
        wall = instant + timedelta(minutes=change.before if instant < turn else change.after)
        yield instant, wall.strftime("%Y-%m-%d"), wall.strftime("%H:%M")
        instant += MINUTE


def _offered(clock: list[tuple[datetime, str, str]], hours: str, length: int) -> list[str]:
    open_dates = {instant: day for instant, day, time in clock if _is_open(day, time, hours)}
    found = []
    window_start = datetime.min.replace(tzinfo=UTC)
    for instant, day in open_dates.items():
        if open_dates.get(instant - MINUTE) != day:
            window_start = instant
        on_grid = (instant - window_start) % timedelta(minutes=length) == timedelta(0)
        if on_grid and all(instant + MINUTE * later in open_dates for later in range(length)):
            found.append(instant.strftime("%Y-%m-%dT%H:%MZ"))
    return found


def _is_open(day: str, time: str, hours: str) -> bool:
    for listed in hours.split("; "):
        listed_day, listed_hours = listed.split(" ")
        start, end = listed_hours.split("-")
        if day == listed_day and start <= time < end:
            return True
    return False


def main() -> None:
    """Writes the table next to this file."""
    with TABLE.open("w", newline="", encoding="ascii") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows())


if __name__ == "__main__":
    main()
