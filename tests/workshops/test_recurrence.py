"""When the sessions of a workshop are, by the clock on the wall."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from shared.time_zones import zone
from shared.workshops.recurrence import MOST_SESSIONS, expand
from shared.workshops.schemas import Recurrence

NEW_YORK, AUCKLAND, BERLIN = zone("America/New_York"), zone("Pacific/Auckland"), zone("Europe/Berlin")
WEEKLY: dict[str, Any] = {"frequency": "WEEKLY", "count": 3, "start": "2026-12-01T10:00"}


def rule(**changes: Any) -> Recurrence:
    told = {name: value for name, value in {**WEEKLY, **changes}.items() if value is not None}
    return Recurrence.model_validate(told)


def walls(of_zone: ZoneInfo, **changes: Any) -> list[str]:
    """The starts as a clock there shows them."""
    found = expand(rule(**changes), of_zone, 60)
    return [f"{one.start.astimezone(of_zone):%Y-%m-%d %H:%M}" for one in found]


def instants(of_zone: ZoneInfo, **changes: Any) -> list[str]:
    return [f"{one.start:%m-%d %H:%M}" for one in expand(rule(**changes), of_zone, 60)]


@pytest.mark.parametrize(
    "changes",
    [
        {"count": None},
        {"endDate": "2027-01-01"},
        {"count": 0},
        {"count": 201},
        {"count": "3"},
        {"interval": 0},
        {"interval": 100},
        {"frequency": "YEARLY"},
        {"byDay": []},
        {"byDay": ["MON"]},
        {"byDay": ["1TU"]},
        {"byDay": ["6MO"], "frequency": "MONTHLY"},
        {"start": "2026-12-01T10:00Z"},
        {"start": "2026-12-01T10:00+01:00"},
        {"start": "2026-12-01T10:00:30"},
        {"start": "2026-12-01"},
        {"start": "2026-02-30T10:00"},
        {"start": "9999-12-31T10:00"},
        {"start": 1796119200},
        {"count": None, "endDate": 1796119200},
        {"timeZone": "Mars/Olympus"},
        {"dtstart": "2026-12-01"},
    ],
)
def test_a_rule_that_cannot_be_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        rule(**changes)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"start": "2027-03-14T02:30"}, "jump over"),
        ({"byDay": ["MO"]}, "not on one of byDay"),
        ({"count": None, "endDate": "2026-11-30"}, "endDate lies before the start"),
        ({"count": None, "endDate": "2034-12-01"}, "at most 200"),
        ({"frequency": "MONTHLY", "interval": 99}, "more than 10 years"),
    ],
)
def test_a_rule_without_sense_there_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        expand(rule(**changes), NEW_YORK, 60)


def test_sessions_that_overlap_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="before the one before it ends"):
        expand(rule(frequency="DAILY"), NEW_YORK, 25 * 60)


def test_every_week_until_the_count_is_reached() -> None:
    assert walls(NEW_YORK) == ["2026-12-01 10:00", "2026-12-08 10:00", "2026-12-15 10:00"]


def test_every_other_week_up_to_and_including_the_last_date() -> None:
    told = walls(NEW_YORK, count=None, interval=2, endDate="2026-12-29")
    assert told == ["2026-12-01 10:00", "2026-12-15 10:00", "2026-12-29 10:00"]


def test_twice_a_week() -> None:
    told = walls(NEW_YORK, byDay=["TU", "TH"], count=4)
    assert [day[5:10] for day in told] == ["12-01", "12-03", "12-08", "12-10"]


def test_the_last_friday_of_a_month() -> None:
    told = walls(NEW_YORK, frequency="MONTHLY", byDay=["-1FR"], start="2026-11-27T10:00")
    assert [day[5:10] for day in told] == ["11-27", "12-25", "01-29"]


def test_months_without_a_31st_are_left_out() -> None:
    told = walls(NEW_YORK, frequency="MONTHLY", start="2026-12-31T10:00")
    assert [day[5:10] for day in told] == ["12-31", "01-31", "03-31"]


def test_as_many_as_there_may_be() -> None:
    assert len(expand(rule(frequency="DAILY", count=MOST_SESSIONS), NEW_YORK, 60)) == MOST_SESSIONS


@pytest.mark.parametrize(
    ("of_zone", "start", "utc"),
    [
        (NEW_YORK, "2027-03-07T10:00", ["03-07 15:00", "03-14 14:00", "03-21 14:00"]),
        (NEW_YORK, "2026-10-25T10:00", ["10-25 14:00", "11-01 15:00", "11-08 15:00"]),
        (AUCKLAND, "2027-03-28T10:00", ["03-27 21:00", "04-03 22:00", "04-10 22:00"]),
        (AUCKLAND, "2027-09-19T10:00", ["09-18 22:00", "09-25 21:00", "10-02 21:00"]),
        (BERLIN, "2027-03-21T10:00", ["03-21 09:00", "03-28 08:00", "04-04 08:00"]),
    ],
)
def test_ten_oclock_stays_ten_oclock_when_the_clocks_change(
    of_zone: ZoneInfo, start: str, utc: list[str]
) -> None:
    assert instants(of_zone, start=start) == utc
    assert {wall[11:] for wall in walls(of_zone, start=start)} == {"10:00"}


def test_a_later_session_in_the_gap_begins_after_the_jump() -> None:
    told = walls(NEW_YORK, start="2027-03-07T02:30")
    assert told == ["2027-03-07 02:30", "2027-03-14 03:30", "2027-03-21 02:30"]


def test_of_a_time_that_comes_twice_the_first_is_meant() -> None:
    assert instants(NEW_YORK, start="2026-10-25T01:30") == ["10-25 05:30", "11-01 05:30", "11-08 06:30"]


def test_a_session_lasts_as_long_as_ever_when_the_clocks_change_in_it() -> None:
    (one,) = expand(rule(start="2026-11-01T00:30", count=1), NEW_YORK, 90)
    assert one.start == datetime(2026, 11, 1, 4, 30, tzinfo=UTC)
    assert one.end == datetime(2026, 11, 1, 6, 0, tzinfo=UTC)


def test_a_rule_is_stored_as_it_was_said() -> None:
    told = {
        "frequency": "WEEKLY",
        "interval": 2,
        "endDate": "2027-01-01",
        "byDay": ["TU"],
        "start": "2026-12-01T10:00",
    }
    assert Recurrence.model_validate(told).document() == told
