"""Times in words."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.notifications.render_letter import LANGUAGES
from shared.notifications.spoken_time import WEEKDAYS, spoken_date, spoken_span, spoken_zone
from shared.time_zones import zone

HANOI = zone("Asia/Ho_Chi_Minh")
LATE = datetime(2026, 12, 31, 23, 30, tzinfo=HANOI)


def test_an_end_on_another_date_says_so() -> None:
    assert spoken_span(LATE, LATE + timedelta(hours=1), "en") == (
        "Thursday, 31 December 2026, 23:30 \u2013 Friday, 1 January 2027, 00:30"
    )


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (7, "Thứ Hai, 7 tháng 12 năm 2026"),
        (12, "Thứ Bảy, 12 tháng 12 năm 2026"),
        (13, "Chủ Nhật, 13 tháng 12 năm 2026"),
    ],
)
def test_vietnamese_counts_its_weekdays_from_the_second(day: int, told: str) -> None:
    assert spoken_date(datetime(2026, 12, day, tzinfo=HANOI), "vi") == told


def test_english_names_every_day_as_calendars_do() -> None:
    for day in range(1, 366):
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
        assert spoken_date(at, "en") == f"{at:%A}, {at.day} {at:%B} {at.year}"


def test_every_language_has_its_weekdays() -> None:
    assert {language: len(set(WEEKDAYS[language])) for language in LANGUAGES} == {"en": 7, "vi": 7}


@pytest.mark.parametrize(("month", "offset"), [(1, "-05:00"), (7, "-04:00")])
def test_a_zone_is_told_with_what_it_is_off_utc_then(month: int, offset: str) -> None:
    at = datetime(2026, month, 1, tzinfo=zone("America/New_York"))
    assert spoken_zone(at) == f"America/New_York, UTC{offset}"


def test_a_zone_is_told_without_its_offset_where_that_changes_in_between() -> None:
    summer, winter = (datetime(2026, month, 7, 10, tzinfo=zone("Europe/Berlin")) for month in (7, 12))
    assert spoken_zone(winter, winter) == "Europe/Berlin, UTC+01:00"
    assert spoken_zone(summer, winter) == "Europe/Berlin"
