from datetime import UTC, datetime

import pytest

from shared.slots.local_days import EARLIEST, LATEST
from shared.slots.open_hours import open_windows
from shared.slots.types import Schedule
from shared.time_zones import UnknownTimeZone
from tests.slots.build import at, on, schedule, weekly

OFFICE = schedule(weekly("09:00-17:00", 1, 2, 3, 4, 5))


def windows(of: Schedule, start: str, end: str) -> list[str]:
    """As `start/end` without the seconds, UTC."""
    return [f"{_text(opens)}/{_text(closes)}" for opens, closes in open_windows(of, at(start), at(end))]


def _text(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%m-%dT%H:%M")


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(UnknownTimeZone):
        open_windows(schedule(weekly("09:00-17:00"), zone="Mars/Phobos"), 0, 1)


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(ValueError, match="the end lies before the start"):
        open_windows(OFFICE, 1, 0)


@pytest.mark.parametrize(("start", "end"), [(EARLIEST - 1, 0), (0, LATEST + 1), (0, 10**18), (-(10**18), 0)])
def test_instants_that_no_lesson_will_ever_have_are_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="between the years 1900 and 2200"):
        open_windows(OFFICE, start, end)


def test_a_schedule_without_hours_is_never_open() -> None:
    assert windows(schedule(), "2026-01-01T00:00Z", "2026-02-01T00:00Z") == []


def test_nothing_meets_an_empty_stretch_of_time_outside_the_hours() -> None:
    assert windows(OFFICE, "2026-01-05T17:00Z", "2026-01-05T17:00Z") == []


def test_weekly_hours_open_their_days_of_the_week_counted_from_sunday() -> None:
    assert windows(OFFICE, "2026-01-02T00:00Z", "2026-01-06T00:00Z") == [
        "01-02T09:00/01-02T17:00",
        "01-05T09:00/01-05T17:00",
    ]
    sundays = schedule(weekly("09:00-10:00", 0))
    assert windows(sundays, "2026-01-02T00:00Z", "2026-01-06T00:00Z") == ["01-04T09:00/01-04T10:00"]


def test_a_window_that_only_meets_the_question_comes_whole() -> None:
    assert windows(OFFICE, "2026-01-05T16:59Z", "2026-01-06T09:01Z") == [
        "01-05T09:00/01-05T17:00",
        "01-06T09:00/01-06T17:00",
    ]


def test_a_window_that_ends_when_the_question_starts_is_left_out() -> None:
    assert windows(OFFICE, "2026-01-05T17:00Z", "2026-01-06T09:00Z") == []


def test_hours_are_those_of_the_wall_clock_in_the_zone() -> None:
    hanoi = schedule(weekly("09:00-17:00"), zone="Asia/Ho_Chi_Minh")
    assert windows(hanoi, "2026-01-05T00:00Z", "2026-01-06T00:00Z") == ["01-05T02:00/01-05T10:00"]
    honolulu = schedule(weekly("20:00-21:00"), zone="Pacific/Honolulu")
    assert windows(honolulu, "2026-01-05T00:00Z", "2026-01-06T00:00Z") == ["01-05T06:00/01-05T07:00"]


def test_hours_keep_to_the_wall_across_a_change_of_the_clock() -> None:
    berlin = schedule(weekly("09:00-10:00"), zone="Europe/Berlin")
    assert windows(berlin, "2026-10-24T00:00Z", "2026-10-26T00:00Z") == [
        "10-24T07:00/10-24T08:00",
        "10-25T08:00/10-25T09:00",
    ]


def test_an_override_replaces_all_weekly_hours_of_its_date_and_of_no_other() -> None:
    teacher = schedule(weekly("09:00-12:00"), weekly("13:00-17:00"), on("2026-01-06", "10:00-11:00"))
    assert windows(teacher, "2026-01-05T12:00Z", "2026-01-07T10:00Z") == [
        "01-05T13:00/01-05T17:00",
        "01-06T10:00/01-06T11:00",
        "01-07T09:00/01-07T12:00",
    ]


def test_an_override_opens_a_date_that_the_week_keeps_closed() -> None:
    teacher = schedule(on("2026-01-04", "10:00-11:00"), weekly("09:00-12:00", 1))
    assert windows(teacher, "2026-01-03T00:00Z", "2026-01-05T00:00Z") == ["01-04T10:00/01-04T11:00"]


@pytest.mark.parametrize("hours", ["00:00-00:00", "09:00-09:00", "23:59-23:59"])
def test_an_override_without_length_closes_its_date(hours: str) -> None:
    teacher = schedule(weekly("09:00-12:00"), on("2026-01-05", hours))
    assert windows(teacher, "2026-01-05T00:00Z", "2026-01-06T00:00Z") == []


def test_a_closed_override_beside_an_open_one_takes_nothing_from_it() -> None:
    teacher = schedule(
        weekly("09:00-12:00"), on("2026-01-05", "00:00-00:00"), on("2026-01-05", "14:00-15:00")
    )
    assert windows(teacher, "2026-01-05T00:00Z", "2026-01-06T00:00Z") == ["01-05T14:00/01-05T15:00"]


def test_the_overrides_of_a_date_add_up() -> None:
    teacher = schedule(
        on("2026-01-05", "14:00-15:00"), on("2026-01-05", "08:00-09:00"), weekly("09:00-12:00")
    )
    assert windows(teacher, "2026-01-05T00:00Z", "2026-01-06T00:00Z") == [
        "01-05T08:00/01-05T09:00",
        "01-05T14:00/01-05T15:00",
    ]


def test_overlapping_touching_and_contained_hours_of_a_day_are_one_window() -> None:
    teacher = schedule(
        weekly("12:00-13:00"),
        weekly("09:00-11:00"),
        weekly("10:00-12:00"),
        weekly("09:30-10:00"),
        weekly("14:00-15:00"),
    )
    assert windows(teacher, "2026-01-05T00:00Z", "2026-01-06T00:00Z") == [
        "01-05T09:00/01-05T13:00",
        "01-05T14:00/01-05T15:00",
    ]


@pytest.mark.parametrize("end", ["23:59", "00:00"])
def test_the_last_minute_of_the_day_reaches_midnight_where_a_new_window_begins(end: str) -> None:
    teacher = schedule(weekly(f"22:00-{end}", 1), weekly("00:00-02:00", 2))
    assert windows(teacher, "2026-01-05T12:00Z", "2026-01-06T12:00Z") == [
        "01-05T22:00/01-06T00:00",
        "01-06T00:00/01-06T02:00",
    ]


def test_hours_that_begin_in_a_gap_begin_when_the_clock_has_jumped() -> None:
    new_york = schedule(on("2026-03-08", "02:30-04:00"), zone="America/New_York")
    assert windows(new_york, "2026-03-08T00:00Z", "2026-03-09T00:00Z") == ["03-08T07:00/03-08T08:00"]


def test_hours_inside_a_gap_vanish() -> None:
    new_york = schedule(on("2026-03-08", "02:00-03:00"), zone="America/New_York")
    assert windows(new_york, "2026-03-07T00:00Z", "2026-03-10T00:00Z") == []


def test_hours_on_both_sides_of_a_gap_are_one_window() -> None:
    new_york = schedule(
        on("2026-03-08", "01:00-02:00"), on("2026-03-08", "03:00-04:00"), zone="America/New_York"
    )
    assert windows(new_york, "2026-03-08T00:00Z", "2026-03-09T00:00Z") == ["03-08T06:00/03-08T08:00"]


def test_a_repeated_hour_is_open_twice() -> None:
    new_york = schedule(on("2026-11-01", "00:00-03:00"), zone="America/New_York")
    assert windows(new_york, "2026-11-01T00:00Z", "2026-11-02T00:00Z") == ["11-01T04:00/11-01T08:00"]


def test_an_end_inside_a_repeated_hour_makes_two_windows() -> None:
    new_york = schedule(on("2026-11-01", "00:00-01:30"), zone="America/New_York")
    assert windows(new_york, "2026-11-01T00:00Z", "2026-11-02T00:00Z") == [
        "11-01T04:00/11-01T05:30",
        "11-01T06:00/11-01T06:30",
    ]


def test_a_date_that_comes_back_after_midnight_opens_again() -> None:
    """In St. John's the clock went back at 00:01: after a minute of Sunday came an hour of Saturday."""
    all_day = schedule(weekly("00:00-24:00"), zone="America/St_Johns")
    assert windows(all_day, "2010-11-07T02:00Z", "2010-11-07T04:00Z") == [
        "11-06T02:30/11-07T02:30",
        "11-07T02:30/11-07T02:31",
        "11-07T02:31/11-07T03:30",
        "11-07T03:30/11-08T03:30",
    ]


def test_a_date_that_was_skipped_is_never_open() -> None:
    apia = schedule(on("2011-12-30", "00:00-24:00"), zone="Pacific/Apia")
    assert windows(apia, "2011-12-28T00:00Z", "2012-01-02T00:00Z") == []


def test_a_date_that_was_repeated_is_one_window_of_two_days() -> None:
    kwajalein = schedule(on("1969-09-30", "00:00-24:00"), zone="Pacific/Kwajalein")
    [window] = open_windows(kwajalein, at("1969-09-25T00:00Z"), at("1969-10-05T00:00Z"))
    assert window[1] - window[0] == 47 * 3600
    inside = at("1969-10-01T11:59Z")
    assert open_windows(kwajalein, inside, inside + 60) == [window]


def test_a_question_over_years_is_answered_with_every_day_of_them() -> None:
    found = open_windows(OFFICE, at("2026-01-01T00:00Z"), at("2030-01-01T00:00Z"))
    assert len(found) == 1043
    assert {end - start for start, end in found} == {8 * 3600}
