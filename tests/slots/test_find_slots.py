"""One rule at a time. Monday 2026-01-05 unless said, in UTC so that the clock on the wall can be read."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from shared.slots.find_slots import find_slots, is_bookable
from shared.slots.local_days import LATEST
from shared.slots.types import Interval, Schedule, SlotRules
from shared.time_zones import UnknownTimeZone
from tests.slots.build import at, on, rules, schedule, weekly

MORNING = schedule(weekly("09:00-12:00"))
MONDAY, TUESDAY = at("2026-01-05T00:00Z"), at("2026-01-06T00:00Z")
LONG_AGO = at("2025-01-01T00:00Z")


def offered(
    of: SlotRules, teacher: Schedule, busy: Sequence[Interval] = (), now: int = LONG_AGO
) -> list[str]:
    """Monday's starts as HH:MM."""
    return [_clock(start) for start in find_slots(of, teacher, busy, MONDAY, TUESDAY, now)]


def _clock(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%H:%M")


def monday(hours: str) -> Interval:
    """`monday("09:00-10:00")`, or with seconds."""
    start, end = hours.split("-")
    return at(f"2026-01-05T{start}Z"), at(f"2026-01-05T{end}Z")


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(UnknownTimeZone):
        offered(rules(), schedule(weekly("09:00-12:00"), zone="Mars/Phobos"))


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(ValueError, match="the end lies before the start"):
        find_slots(rules(), MORNING, (), TUESDAY, MONDAY, LONG_AGO)


def test_a_busy_interval_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="an interval ends before it starts"):
        offered(rules(), MORNING, [(MONDAY + 1, MONDAY)])


@pytest.mark.parametrize("instants", [(-(10**12), 0, 0), (0, 10**12, 0), (0, 1, 10**12), (0, 1, -(10**12))])
def test_instants_that_no_lesson_will_ever_have_are_refused(instants: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="between the years 1900 and 2200"):
        find_slots(rules(), MORNING, (), *instants)


def test_a_start_in_the_year_9000_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="between the years 1900 and 2200"):
        is_bookable(rules(), MORNING, (), at("9000-01-01T09:00Z"), LONG_AGO)
    assert not is_bookable(rules(), MORNING, (), LATEST - 2 * 86_400, LONG_AGO)


def test_nothing_is_offered_without_hours() -> None:
    assert offered(rules(), schedule()) == []


def test_nothing_is_offered_in_an_empty_stretch_of_time() -> None:
    nine = at("2026-01-05T09:00Z")
    assert find_slots(rules(), MORNING, (), nine, nine, LONG_AGO) == []


def test_a_lesson_longer_than_the_hours_is_not_offered() -> None:
    assert offered(rules(181), MORNING) == []
    assert offered(rules(180), MORNING) == ["09:00"]


def test_the_first_start_asked_for_is_in_and_the_end_is_out() -> None:
    nine, eleven = monday("09:00-11:00")
    found = find_slots(rules(), MORNING, (), nine, eleven, LONG_AGO)
    assert [_clock(start) for start in found] == ["09:00", "10:00"]


def test_lessons_follow_one_another_through_the_hours() -> None:
    assert offered(rules(60), MORNING) == ["09:00", "10:00", "11:00"]


def test_a_lesson_must_end_within_the_hours() -> None:
    assert offered(rules(50), MORNING) == ["09:00", "09:50", "10:40"]


def test_an_interval_shorter_than_the_lesson_offers_overlapping_starts() -> None:
    assert offered(rules(60, 30), MORNING) == ["09:00", "09:30", "10:00", "10:30", "11:00"]


def test_an_interval_longer_than_the_lesson_leaves_pauses() -> None:
    assert offered(rules(30, 75), MORNING) == ["09:00", "10:15", "11:30"]


def test_the_offset_moves_the_whole_grid() -> None:
    assert offered(rules(60, offset=15), MORNING) == ["09:15", "10:15"]


def test_an_offset_beyond_the_hours_leaves_nothing() -> None:
    assert offered(rules(60, offset=180), schedule(weekly("09:00-12:00", 1), weekly("00:00-06:00", 2))) == []


def test_each_window_of_a_day_has_its_own_grid() -> None:
    assert offered(rules(60), schedule(weekly("09:00-10:30"), weekly("13:20-15:20"))) == [
        "09:00",
        "13:20",
        "14:20",
    ]


def test_an_override_replaces_the_weekly_hours() -> None:
    assert offered(rules(), schedule(weekly("09:00-12:00"), on("2026-01-05", "15:30-17:00"))) == ["15:30"]


def test_a_closed_override_leaves_nothing() -> None:
    assert offered(rules(), schedule(weekly("09:00-12:00"), on("2026-01-05", "00:00-00:00"))) == []


def test_hours_until_the_last_minute_of_the_day_fit_a_lesson_that_ends_at_midnight() -> None:
    assert offered(rules(), schedule(weekly("22:00-23:59"))) == ["22:00", "23:00"]


def test_a_lesson_may_cross_midnight_when_both_sides_are_open() -> None:
    night = schedule(weekly("22:00-23:59", 1), weekly("00:00-01:00", 2))
    assert offered(rules(90), night) == ["22:00", "23:30"]
    assert offered(rules(91), night) == ["22:00"]
    assert offered(rules(90), schedule(weekly("22:00-23:59", 1), weekly("00:01-01:00", 2))) == ["22:00"]


def test_at_midnight_a_new_grid_begins() -> None:
    night = schedule(weekly("22:30-23:59", 1), weekly("00:00-02:00", 2))
    found = find_slots(rules(60), night, (), MONDAY, TUESDAY + 86_400, LONG_AGO)
    assert [_clock(start) for start in found] == ["22:30", "23:30", "00:00", "01:00"]


def test_a_lesson_of_several_days_fits_where_every_midnight_is_open() -> None:
    always = schedule(weekly("00:00-23:59", 1, 2, 3))
    assert offered(rules(3 * 1440), always) == ["00:00"]
    assert offered(rules(3 * 1440 + 1), always) == []


def test_a_busy_time_takes_the_starts_whose_lesson_would_meet_it_and_no_more() -> None:
    assert offered(rules(60, 30), MORNING, [monday("10:00-10:30")]) == ["09:00", "10:30", "11:00"]


def test_busy_times_do_not_move_the_grid() -> None:
    assert offered(rules(60), MORNING, [monday("09:00-09:20")]) == ["10:00", "11:00"]


def test_a_single_busy_second_takes_a_lesson() -> None:
    assert offered(rules(60), MORNING, [monday("09:59:59-10:00:00")]) == ["10:00", "11:00"]
    assert offered(rules(60), MORNING, [monday("10:00:00-10:00:01")]) == ["09:00", "11:00"]


def test_a_busy_time_without_length_takes_nothing() -> None:
    assert offered(rules(60), MORNING, [monday("09:30-09:30")]) == ["09:00", "10:00", "11:00"]


def test_busy_times_come_in_any_order_and_overlap() -> None:
    busy = [monday("11:30-13:00"), monday("08:00-11:45"), monday("09:00-09:10"), monday("08:00-09:05")]
    assert offered(rules(15), MORNING, busy) == []
    assert offered(rules(15), MORNING, [*busy[:1], *busy[2:]]) == [
        "09:15", "09:30", "09:45", "10:00", "10:15", "10:30", "10:45", "11:00", "11:15"
    ]  # fmt: skip


def test_a_busy_time_that_began_days_ago_still_counts() -> None:
    assert offered(rules(), MORNING, [(MONDAY - 9 * 86_400, at("2026-01-05T10:30Z"))]) == ["11:00"]


def test_the_buffer_before_a_lesson_must_be_free() -> None:
    lunch = [monday("08:00-09:00")]
    assert offered(rules(60, 15, before=15), MORNING, lunch)[0] == "09:15"
    assert offered(rules(60, 15, before=16), MORNING, lunch)[0] == "09:30"


def test_the_buffer_after_a_lesson_must_be_free() -> None:
    lunch = [monday("12:00-13:00")]
    assert offered(rules(60, 15, after=15), MORNING, lunch)[-1] == "10:45"
    assert offered(rules(60, 15, after=16), MORNING, lunch)[-1] == "10:30"


def test_buffers_may_lie_outside_the_hours() -> None:
    assert offered(rules(180, before=600, after=600), MORNING) == ["09:00"]


def test_the_minimum_notice_is_exact_to_the_second() -> None:
    ten = at("2026-01-05T10:00Z")
    assert offered(rules(notice=120), MORNING, now=ten - 7200) == ["10:00", "11:00"]
    assert offered(rules(notice=120), MORNING, now=ten - 7199) == ["11:00"]


def test_without_notice_a_lesson_may_start_now_but_not_a_second_ago() -> None:
    ten = at("2026-01-05T10:00Z")
    assert offered(rules(), MORNING, now=ten) == ["10:00", "11:00"]
    assert offered(rules(), MORNING, now=ten + 1) == ["11:00"]


def test_notice_and_question_do_not_move_the_grid() -> None:
    assert offered(rules(45), MORNING, now=at("2026-01-05T09:50Z")) == ["10:30", "11:15"]
    found = find_slots(rules(45), MORNING, (), at("2026-01-05T09:50Z"), TUESDAY, LONG_AGO)
    assert [_clock(start) for start in found] == ["10:30", "11:15"]


def test_what_is_not_offered_cannot_be_booked() -> None:
    busy = [monday("10:00-11:00")]
    nine = at("2026-01-05T09:00Z")
    assert not is_bookable(rules(), MORNING, busy, nine + 3600, LONG_AGO)
    assert not is_bookable(rules(), MORNING, busy, nine + 1, LONG_AGO)
    assert not is_bookable(rules(), MORNING, busy, nine - 3600, LONG_AGO)
    assert not is_bookable(rules(), MORNING, busy, nine + 3 * 3600, LONG_AGO)
    assert not is_bookable(rules(), MORNING, busy, nine, nine + 1)


def test_what_is_offered_can_be_booked() -> None:
    assert is_bookable(rules(), MORNING, [monday("10:00-11:00")], at("2026-01-05T09:00Z"), LONG_AGO)
    assert is_bookable(rules(), MORNING, [monday("10:00-11:00")], at("2026-01-05T11:00Z"), LONG_AGO)
