"""What a teacher gives in a day, a week, a month, a year. November 2026 begins on a Sunday."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.slots.find_slots import find_slots, is_bookable
from shared.slots.limits import LimitWindow, full_periods, parse_limits, windows_of
from shared.slots.types import Interval, Limit
from tests.slots.build import at, rules, schedule, weekly

LONG_AGO = at("2025-01-01T00:00Z")
HOUR, DAY = 3600, 86_400


@pytest.mark.parametrize(
    "told",
    [[], "PER_DAY", 3, True, {"PER_DAY": -1}, {"PER_DAY": "3"}, {"PER_DAY": 2.5}, {"PER_DAY": True},
     {"PER_WEEK": [1]}, {"PER_YEAR": {}}],
    ids=str,
)  # fmt: skip
def test_limits_that_make_no_sense_are_refused(told: Any) -> None:
    with pytest.raises(ValueError, match="limit"):
        parse_limits(told, None)
    with pytest.raises(ValueError, match="limit"):
        parse_limits(None, told)


@pytest.mark.parametrize("told", [None, {}, {"PER_DAY": None}, {"PER_DAY": 0}, {"PER_HOUR": 1}], ids=str)
def test_what_limits_nothing_at_calcom_limits_nothing_here(told: Any) -> None:
    assert parse_limits(told, told) == ()


def test_limits_of_one_period_are_told_together() -> None:
    assert parse_limits({"PER_WEEK": 5, "PER_DAY": 2}, {"PER_DAY": 90, "PER_YEAR": 6000}) == (
        Limit("PER_DAY", 2, 90),
        Limit("PER_WEEK", 5, None),
        Limit("PER_YEAR", None, 6000),
    )


@pytest.mark.parametrize(
    ("unit", "zone", "start", "since", "until"),
    [
        ("PER_DAY", "UTC", "2026-11-22T00:00Z", "2026-11-22T00:00Z", "2026-11-23T00:00Z"),
        ("PER_DAY", "UTC", "2026-11-22T23:59Z", "2026-11-22T00:00Z", "2026-11-23T00:00Z"),
        ("PER_DAY", "Asia/Ho_Chi_Minh", "2026-11-22T17:00Z", "2026-11-22T17:00Z", "2026-11-23T17:00Z"),
        ("PER_DAY", "Europe/Berlin", "2026-10-25T12:00Z", "2026-10-24T22:00Z", "2026-10-25T23:00Z"),
        ("PER_DAY", "Europe/Berlin", "2026-03-29T12:00Z", "2026-03-28T23:00Z", "2026-03-29T22:00Z"),
        ("PER_DAY", "America/Santiago", "2026-09-06T12:00Z", "2026-09-06T04:00Z", "2026-09-07T03:00Z"),
        ("PER_WEEK", "UTC", "2026-11-28T23:00Z", "2026-11-22T00:00Z", "2026-11-29T00:00Z"),
        ("PER_WEEK", "UTC", "2026-11-29T00:00Z", "2026-11-29T00:00Z", "2026-12-06T00:00Z"),
        ("PER_WEEK", "America/New_York", "2026-11-04T12:00Z", "2026-11-01T04:00Z", "2026-11-08T05:00Z"),
        ("PER_MONTH", "UTC", "2028-02-29T12:00Z", "2028-02-01T00:00Z", "2028-03-01T00:00Z"),
        ("PER_MONTH", "UTC", "2026-12-31T23:59Z", "2026-12-01T00:00Z", "2027-01-01T00:00Z"),
        ("PER_MONTH", "Pacific/Auckland", "2026-09-30T10:59Z", "2026-08-31T12:00Z", "2026-09-30T11:00Z"),
        ("PER_YEAR", "America/New_York", "2027-01-01T04:59Z", "2026-01-01T05:00Z", "2027-01-01T05:00Z"),
    ],
)
def test_periods_are_those_of_the_calendar_on_the_teachers_wall(
    unit: str, zone: str, start: str, since: str, until: str
) -> None:
    assert windows_of(parse_limits({unit: 4}, None), zone, at(start)) == [
        LimitWindow(at(since), at(until), 4, None)
    ]


@pytest.mark.parametrize(
    "zone", ["America/St_Johns", "Pacific/Apia", "Pacific/Kwajalein", "Africa/Cairo", "America/Havana"]
)
@pytest.mark.parametrize("unit", ["PER_DAY", "PER_WEEK", "PER_MONTH"])
def test_every_instant_lies_in_one_period_whatever_the_clock_did(zone: str, unit: str) -> None:
    """Clocks that went back over midnight, and days that never were, among them."""
    limits = parse_limits({unit: 1}, None)
    instant, end = at("1992-12-20T00:00Z"), at("2012-02-01T00:00Z")
    (window,) = windows_of(limits, zone, instant)
    while instant < end:
        assert window.since <= instant < window.until
        assert windows_of(limits, zone, window.until - 1) == [window]
        before, instant = window, window.until
        (window,) = windows_of(limits, zone, instant)
        assert window.since == before.until


NINE_TO_FIVE = schedule(weekly("09:00-17:00"), zone="America/New_York")


def lessons(*starts: str, minutes: int = 60) -> list[Interval]:
    return [(at(start), at(start) + minutes * 60) for start in starts]


def days_offered(limits: tuple[Limit, ...], booked: list[Interval], length: int = 60) -> list[str]:
    """Of the week of Sunday the 22nd and the one after it, on the wall in New York; nothing is busy."""
    of = rules(length, limits=limits)
    start, end = at("2026-11-22T00:00-05:00"), at("2026-12-06T00:00-05:00")
    found = find_slots(of, NINE_TO_FIVE, (), start, end, LONG_AGO, booked)
    assert all(is_bookable(of, NINE_TO_FIVE, (), instant, LONG_AGO, booked) for instant in found)
    return list(dict.fromkeys(f"{_wall(instant):%d}" for instant in found))


def _wall(instant: int) -> datetime:
    return datetime.fromtimestamp(instant, ZoneInfo("America/New_York"))


ALL_DAYS = [f"{day:02}" for day in (*range(22, 31), *range(1, 6))]


def test_a_full_day_is_not_offered_and_the_next_one_is() -> None:
    booked = lessons("2026-11-24T09:00-05:00", "2026-11-24T15:00-05:00")
    assert days_offered(parse_limits({"PER_DAY": 2}, None), booked) == [d for d in ALL_DAYS if d != "24"]
    assert days_offered(parse_limits({"PER_DAY": 3}, None), booked) == ALL_DAYS


def test_a_full_week_ends_on_saturday() -> None:
    booked = lessons("2026-11-22T09:00-05:00", "2026-11-28T16:00-05:00")
    assert days_offered(parse_limits({"PER_WEEK": 2}, None), booked) == ALL_DAYS[7:]


def test_a_full_month_ends_with_it() -> None:
    booked = lessons("2026-11-02T09:00-05:00")
    assert days_offered(parse_limits({"PER_MONTH": 1}, None), booked) == ALL_DAYS[9:]


def test_a_full_year_has_nothing_left() -> None:
    assert days_offered(parse_limits({"PER_YEAR": 1}, None), lessons("2026-01-01T09:00-05:00")) == []
    assert days_offered(parse_limits({"PER_YEAR": 1}, None), lessons("2025-12-31T09:00-05:00")) == ALL_DAYS


def test_a_lesson_over_midnight_counts_on_the_day_it_starts() -> None:
    booked = lessons("2026-11-24T23:30-05:00")
    assert "24" not in days_offered(parse_limits({"PER_DAY": 1}, None), booked)
    assert "25" in days_offered(parse_limits({"PER_DAY": 1}, None), booked)


@pytest.mark.parametrize(("length", "fits"), [(59, True), (60, True), (61, False)])
def test_minutes_may_be_filled_to_the_last(length: int, fits: bool) -> None:
    booked = lessons("2026-11-24T09:00-05:00", minutes=30)
    assert ("24" in days_offered(parse_limits(None, {"PER_DAY": 90}), booked, length)) is fits


def test_a_lesson_longer_than_a_days_minutes_is_never_offered() -> None:
    assert days_offered(parse_limits(None, {"PER_DAY": 59}), []) == []


def test_the_day_of_the_longer_night_counts_once() -> None:
    limits, berlin = parse_limits({"PER_DAY": 1}, None), "Europe/Berlin"
    first = lessons("2026-10-25T02:30+02:00", minutes=30)
    start, end = at("2026-10-24T12:00Z"), at("2026-10-26T12:00Z")
    assert full_periods(limits, berlin, 30, first, start, end) == [
        (at("2026-10-25T00:00+02:00"), at("2026-10-26T00:00+01:00"))
    ]


def test_limits_are_of_the_teachers_day_not_of_utcs() -> None:
    booked = lessons("2026-11-24T16:30-05:00", "2026-11-24T20:00-05:00")
    assert datetime.fromtimestamp(booked[1][0], UTC).day == 25
    assert days_offered(parse_limits({"PER_DAY": 2}, None), booked) == [d for d in ALL_DAYS if d != "24"]
