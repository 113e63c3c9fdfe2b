"""On which days an assignment holds. November 2026 begins on a Sunday."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.slots.assignment_rule import AssignmentRule, parse_assignment_rule
from shared.slots.find_slots import find_slots
from shared.slots.horizon import bookable_days
from shared.slots.local_days import day_number
from shared.slots.open_hours import open_windows
from shared.slots.types import Horizon, Schedule
from tests.slots.build import at, on, rules, schedule, weekly

ASSIGNED = at("2026-11-04T12:00Z")


def open_days(told: Any, zone: str = "UTC", assigned: int = ASSIGNED) -> list[str]:
    """The days from October to January that a rule opens, as MM-DD."""
    rule = parse_assignment_rule(told, zone, assigned)
    days = [date(2026, 10, 1) + timedelta(days=ahead) for ahead in range(120)]
    return [f"{day:%m-%d}" for day in days if rule is None or rule.opens(day_number(day))]


@pytest.mark.parametrize(
    "told",
    [
        [], "WEEKLY", 2, {"interval": 2}, {"freq": 4}, {"freq": "HOURLY"}, {"freq": -1}, {"freq": True},
        {"freq": 2, "interval": 0}, {"freq": 2, "interval": "2"}, {"freq": 2, "interval": 1.5},
        {"freq": 2, "count": 0}, {"freq": 2, "count": True}, {"freq": 2, "until": 1795348800},
        {"freq": 2, "until": "soon"}, {"freq": 2, "dtstart": {}}, {"freq": 2, "tzid": "Mars/Olympus"},
        {"freq": 2, "byweekday": [0]}, {"freq": 2, "until": "0001-01-01T00:00:00+14:00"},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_understood_is_refused(told: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each value has its own words
        parse_assignment_rule(told, "UTC", ASSIGNED)


@pytest.mark.parametrize("told", [None, {}])
def test_no_rule_opens_every_day(told: Any) -> None:
    assert len(open_days(told)) == 120


@pytest.mark.parametrize("told", [{"freq": 2}, {"freq": "WEEKLY", "interval": 1, "count": None}], ids=str)
def test_every_week_is_every_day_from_the_assignment_on(told: Any) -> None:
    assert open_days(told)[0] == "11-04"
    assert len(open_days(told)) == 120 - 34


def test_every_other_week_runs_from_monday_to_sunday() -> None:
    days = open_days({"freq": 2, "interval": 2})
    assert days[:6] == ["11-04", "11-05", "11-06", "11-07", "11-08", "11-16"]
    assert days[5:13] == ["11-16", "11-17", "11-18", "11-19", "11-20", "11-21", "11-22", "11-30"]


def test_every_third_day() -> None:
    assert open_days({"freq": 3, "interval": 3})[:4] == ["11-04", "11-07", "11-10", "11-13"]


def test_every_other_month() -> None:
    assert {day[:2] for day in open_days({"freq": 1, "interval": 2})} == {"11", "01"}


def test_every_other_year() -> None:
    assert {day[:2] for day in open_days({"freq": 0, "interval": 2})} == {"11", "12"}


def test_so_many_periods_and_no_more() -> None:
    assert open_days({"freq": 2, "interval": 2, "count": 2})[-1] == "11-22"
    assert open_days({"freq": 3, "count": 3}) == ["11-04", "11-05", "11-06"]


def test_the_last_day_is_in() -> None:
    assert open_days({"freq": 3, "until": "2026-11-06"}) == ["11-04", "11-05", "11-06"]


@pytest.mark.parametrize(
    ("until", "zone", "last"),
    [
        ("2026-11-30T23:30:00.000Z", "UTC", "11-30"),
        ("2026-11-30T23:30:00.000Z", "Europe/Berlin", "12-01"),
        ("2026-11-30T23:30:00", "Europe/Berlin", "11-30"),
        ("2026-12-01T02:00:00.000Z", "America/New_York", "11-30"),
    ],
)
def test_an_instant_is_a_day_of_the_schedules_zone(until: str, zone: str, last: str) -> None:
    assert open_days({"freq": 2, "until": until}, zone)[-1] == last


def test_a_rule_may_name_the_zone_of_its_dates() -> None:
    told = {"freq": 3, "dtstart": "2026-11-09T22:00:00Z", "tzid": "Asia/Ho_Chi_Minh"}
    assert open_days(told, "America/New_York")[0] == "11-10"


def test_an_assignment_begins_on_its_day_in_the_teachers_zone() -> None:
    assert open_days({"freq": 2}, "Asia/Tokyo", at("2026-11-04T16:00Z"))[0] == "11-05"


def test_the_rule_starts_where_it_says() -> None:
    assert open_days({"freq": 2, "interval": 2, "dtstart": "2026-10-07"})[:6] == [
        "10-07", "10-08", "10-09", "10-10", "10-11", "10-19",
    ]  # fmt: skip


def biweekly(*more: Any) -> Schedule:
    made = schedule(weekly("09:00-10:00", 1, 3), *more)
    rule = AssignmentRule("WEEKLY", 2, day_number(date(2026, 11, 2)))
    return Schedule(made.time_zone, made.weekly, made.overrides, rule)


def starts(of: Schedule) -> list[int]:
    return find_slots(rules(), of, (), at("2026-11-01T00:00Z"), at("2026-11-30T00:00Z"), ASSIGNED - 10**6)


def test_the_weekly_hours_hold_in_the_weeks_of_the_rule_only() -> None:
    assert starts(biweekly()) == [at(f"2026-11-{day}T09:00Z") for day in ("02", "04", "16", "18")]


def test_an_override_holds_in_the_weeks_of_the_rule_only() -> None:
    overridden = biweekly(on("2026-11-03", "12:00-13:00"), on("2026-11-10", "12:00-13:00"))
    assert at("2026-11-03T12:00Z") in starts(overridden)
    assert at("2026-11-10T12:00Z") not in starts(overridden)


def test_dates_that_the_rule_closes_do_not_use_up_the_horizon() -> None:
    two_dates = rules(horizon=Horizon("rolling_window", 2, True, None, None))
    monday, end = at("2026-11-03T00:00Z"), at("2026-11-30T00:00Z")
    assert max(bookable_days(two_dates, biweekly(), monday, end)) == day_number(date(2026, 11, 16))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.sampled_from([0, 1, 2, 3]),
    st.integers(1, 5),
    st.none() | st.integers(1, 6),
    st.none() | st.integers(0, 900),
    st.dates(date(2026, 1, 1), date(2028, 12, 31)),
)
def test_the_days_are_those_that_turning_the_pages_of_a_calendar_finds(
    freq: int, interval: int, count: int | None, lasts: int | None, first: date
) -> None:
    until = date.max if lasts is None else first + timedelta(days=lasts)
    told = {"freq": freq, "interval": interval, "count": count, "dtstart": first.isoformat()}
    rule = parse_assignment_rule(told | {"until": until.isoformat()}, "UTC", 0)
    assert rule
    before = [first - timedelta(days=back) for back in range(1, 400)]
    assert not any(rule.opens(day_number(day)) for day in before)
    pages: list[object] = []
    for day in (first + timedelta(days=ahead) for ahead in range(1000)):
        if (page := _page(freq, day)) not in pages[-1:]:
            pages.append(page)
        turned = len(pages) - 1
        kept = turned % interval == 0 and (count is None or turned < count * interval)
        assert rule.opens(day_number(day)) is (kept and day <= until)


def _page(freq: int, day: date) -> object:
    """What tells the year, month, week or day from the one before and after it."""
    return (day.year, (day.year, day.month), day.isocalendar()[:2], day)[freq]


def test_hours_in_a_closed_week_are_no_window() -> None:
    assert open_windows(biweekly(), at("2026-11-09T00:00Z"), at("2026-11-16T00:00Z")) == []
