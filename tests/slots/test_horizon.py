"""How far ahead may be booked. Now is Friday 2026-01-02, 15:00 in Hanoi, unless said."""

from datetime import date

import pytest

from shared.slots.find_slots import find_slots, is_bookable
from shared.slots.types import Horizon, Schedule
from tests.slots.build import EVERY_DAY, at, on, rules, schedule, weekly

FRIDAY = at("2026-01-02T15:00+07:00")
DAILY = schedule(weekly("09:00-10:00"), weekly("20:00-21:00"), zone="Asia/Ho_Chi_Minh")


def days(horizon: Horizon, teacher: Schedule = DAILY, now: int = FRIDAY, notice: int = 0) -> list[int]:
    """Days of January 2026 on which something is offered."""
    start, end = at("2026-01-01T00:00+07:00"), at("2026-02-01T00:00+07:00")
    found = find_slots(rules(notice=notice, horizon=horizon), teacher, (), start, end, now)
    return sorted({date.fromordinal(719_163 + (slot + 7 * 3600) // 86_400).day for slot in found})


def rolling(count: int, calendar: bool = True) -> Horizon:
    return Horizon("rolling", count, calendar, None, None)


def rolling_window(count: int, calendar: bool = True) -> Horizon:
    return Horizon("rolling_window", count, calendar, None, None)


def between(start: str, end: str) -> Horizon:
    return Horizon("range", None, True, date.fromisoformat(start), date.fromisoformat(end))


def test_a_range_that_is_over_offers_nothing() -> None:
    assert days(between("2025-12-01", "2026-01-01")) == []


def test_a_range_includes_its_first_and_its_last_local_date() -> None:
    assert days(between("2026-01-05", "2026-01-07")) == [5, 6, 7]


def test_a_range_is_one_of_local_dates_in_the_schedules_zone() -> None:
    limits = rules(horizon=between("2026-01-05", "2026-01-05"))
    early = schedule(weekly("00:00-01:00"), weekly("22:00-24:00"), zone="Asia/Ho_Chi_Minh")
    found = find_slots(limits, early, (), FRIDAY, at("2026-02-01T00:00Z"), FRIDAY)
    assert found == [at("2026-01-05T00:00+07:00"), at("2026-01-05T22:00+07:00"), at("2026-01-05T23:00+07:00")]


def test_without_a_horizon_years_ahead_can_be_booked() -> None:
    assert is_bookable(rules(), DAILY, (), at("2076-01-02T09:00+07:00"), FRIDAY)
    assert days(Horizon("unlimited", None, True, None, None)) == list(range(2, 32))


def test_zero_days_ahead_is_today() -> None:
    assert days(rolling(0)) == [2]
    assert days(rolling_window(0)) == [2]


def test_rolling_days_end_with_the_end_of_their_last_day() -> None:
    assert days(rolling(3)) == [2, 3, 4, 5]
    evening = at("2026-01-05T20:00+07:00")
    assert is_bookable(rules(horizon=rolling(3)), DAILY, (), evening, FRIDAY)


def test_today_is_the_date_in_the_schedules_zone() -> None:
    one_in_the_morning = at("2026-01-02T01:00+07:00")
    assert days(rolling(1), now=one_in_the_morning) == [2, 3]
    assert days(rolling(1), now=one_in_the_morning - 3601) == [2]


@pytest.mark.parametrize(
    ("today", "count", "last"),
    [
        (2, 0, 2),
        (2, 1, 5),
        (2, 5, 9),
        (2, 6, 12),
        (3, 0, 3),
        (3, 1, 5),
        (4, 1, 5),
        (4, 6, 12),
        (5, 4, 9),
        (5, 5, 12),
    ],
)
def test_business_days_ahead_do_not_count_saturday_and_sunday(today: int, count: int, last: int) -> None:
    now = at(f"2026-01-{today:02}T08:00+07:00")
    assert days(rolling(count, calendar=False), now=now) == list(range(today, last + 1))


def test_a_rolling_window_counts_only_dates_with_open_hours() -> None:
    mondays_and_thursdays = schedule(weekly("09:00-10:00", 1, 4), zone="Asia/Ho_Chi_Minh")
    assert days(rolling_window(3), mondays_and_thursdays) == [5, 8, 12]
    assert days(rolling(3), mondays_and_thursdays) == [5]


def test_a_rolling_window_counts_today_while_some_of_its_hours_are_ahead() -> None:
    assert days(rolling_window(2)) == [2, 3]
    assert days(rolling_window(2), now=at("2026-01-02T20:59+07:00")) == [3]
    assert days(rolling_window(2), now=at("2026-01-02T21:00+07:00")) == [3, 4]


def test_a_rolling_window_counts_from_the_minimum_notice_on() -> None:
    assert days(rolling_window(2), notice=3 * 1440) == [5, 6]


def test_a_rolling_window_counts_an_override_and_not_a_closed_date() -> None:
    teacher = schedule(
        weekly("09:00-10:00", 1),
        on("2026-01-05", "00:00-00:00"),
        on("2026-01-07", "09:00-10:00"),
        zone="Asia/Ho_Chi_Minh",
    )
    assert days(rolling_window(2), teacher) == [7, 12]


def test_a_rolling_window_of_business_days_ends_on_one_and_offers_the_weekend_inside() -> None:
    assert days(rolling_window(2, calendar=False)) == [2, 3, 4, 5]


def test_a_rolling_window_over_a_schedule_with_fewer_dates_offers_them_all() -> None:
    teacher = schedule(
        on("2026-01-07", "09:00-10:00"), on("2026-01-20", "09:00-10:00"), zone="Asia/Ho_Chi_Minh"
    )
    assert days(rolling_window(3), teacher) == [7, 20]


def test_bookings_do_not_move_the_end_of_a_rolling_window() -> None:
    limits = rules(horizon=rolling_window(2))
    busy = [(FRIDAY, at("2026-01-03T23:00+07:00"))]
    assert find_slots(limits, DAILY, busy, FRIDAY, FRIDAY + 9 * 86_400, FRIDAY) == []


def test_a_skipped_date_is_none_of_the_dates_of_a_rolling_window() -> None:
    apia = schedule(weekly("09:00-10:00", *EVERY_DAY), zone="Pacific/Apia")
    now = at("2011-12-29T08:00-10:00")
    found = find_slots(rules(horizon=rolling_window(2)), apia, (), now, now + 9 * 86_400, now)
    assert found == [at("2011-12-29T09:00-10:00"), at("2011-12-31T09:00+14:00")]
