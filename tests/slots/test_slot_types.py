from datetime import UTC, date, time

import pytest

from shared.slots.types import DateOverride, Horizon, Hours, minutes_of_day
from tests.slots.build import UNLIMITED, rules

NINE, FIVE = time(9), time(17)


@pytest.mark.parametrize("day", [-1, 7])
def test_a_day_that_no_week_has_is_refused(day: int) -> None:
    with pytest.raises(ValueError, match="days of the week are 0"):
        Hours((1, day), NINE, FIVE)


def test_hours_that_end_before_they_start_are_refused() -> None:
    with pytest.raises(ValueError, match="hours end before they start: 22:00:00-02:00:00"):
        Hours((1,), time(22), time(2))
    with pytest.raises(ValueError, match="hours end before they start"):
        DateOverride(date(2026, 1, 1), FIVE, NINE)


def test_hours_with_a_zone_of_their_own_are_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        Hours((1,), NINE.replace(tzinfo=UTC), FIVE)
    with pytest.raises(ValueError, match="without a zone"):
        DateOverride(date(2026, 1, 1), NINE, FIVE.replace(tzinfo=UTC))


@pytest.mark.parametrize("kind", ["rolling", "rolling_window"])
@pytest.mark.parametrize("days", [None, -1])
def test_a_rolling_horizon_without_a_number_of_days_is_refused(kind: str, days: int | None) -> None:
    with pytest.raises(ValueError, match="needs a number of days"):
        Horizon(kind, days, True, None, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "end"),
    [(None, None), (date(2026, 1, 1), None), (None, date(2026, 1, 1)), (date(2026, 1, 2), date(2026, 1, 1))],
)
def test_a_range_without_both_dates_in_order_is_refused(start: date | None, end: date | None) -> None:
    with pytest.raises(ValueError, match="a first and a last date"):
        Horizon("range", None, True, start, end)


@pytest.mark.parametrize(("length", "interval"), [(0, 30), (-30, 30), (30, -1)])
def test_lessons_and_steps_shorter_than_a_minute_are_refused(length: int, interval: int) -> None:
    with pytest.raises(ValueError, match="at least a minute"):
        rules(length, interval)


@pytest.mark.parametrize("field", ["offset", "before", "after", "notice"])
def test_negative_minutes_are_refused(field: str) -> None:
    with pytest.raises(ValueError, match="cannot be negative: -1"):
        rules(**{field: -1})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        (NINE, FIVE, (540, 1020)),
        (time(0), time(23, 59), (0, 1440)),
        (time(22), time(0), (1320, 1440)),
        (time(0), time(0), (0, 0)),
        (NINE, NINE, (540, 540)),
        (time(23, 59), time(23, 59), (1439, 1439)),
        (time(23, 59), time(0), (1439, 1440)),
        (time(9, 0, 59), time(16, 59, 59), (540, 1019)),
        (NINE, time(23, 59, 59, 999_000), (540, 1440)),
    ],
)
def test_hours_are_read_to_the_minute_and_the_last_minute_is_midnight(
    start: time, end: time, minutes: tuple[int, int]
) -> None:
    assert minutes_of_day(start, end) == minutes


def test_a_horizon_without_limits_needs_neither_days_nor_dates() -> None:
    assert rules(horizon=UNLIMITED).horizon.days is None
