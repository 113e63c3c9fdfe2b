"""What people complain about in schedulers, each as a school where it would show. The clock is stopped."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest

from tests.bookings.requests import lesson
from tests.conftest import Clock
from tests.functions import Api
from tests.schools import School

EVERY_DAY = [0, 1, 2, 3, 4, 5, 6]


@dataclass(frozen=True)
class Complaint:
    """A teacher's hours, the lesson, and the starts that a day must show, both on the asker's wall."""

    of: str
    teaches_in: str
    hours: tuple[str, ...]
    asks_in: str
    day: str
    shows: str
    lesson: dict[str, Any] = field(default_factory=lambda: {"length": 60})
    booked: tuple[str, ...] = ()
    now: str = "2026-09-01T00:00+00:00"


BERLIN, NEW_YORK, SAIGON = "Europe/Berlin", "America/New_York", "Asia/Ho_Chi_Minh"
MORNING, ALWAYS, NIGHT = ("09:00-12:00",), ("00:00-23:59",), ("22:00-23:59", "00:00-02:00")

COMPLAINTS = (
    Complaint("six hours ahead, as usual", BERLIN, MORNING, NEW_YORK, "2027-03-10", "03:00 04:00 05:00"),
    Complaint("America has changed, Europe not", BERLIN, MORNING, NEW_YORK, "2027-03-22", "04 05 06"),
    Complaint("both have changed", BERLIN, MORNING, NEW_YORK, "2027-03-29", "03 04 05"),
    Complaint("Europe has changed, America not", BERLIN, MORNING, NEW_YORK, "2026-10-28", "04 05 06"),
    Complaint("who asks has no such nights", BERLIN, MORNING, SAIGON, "2026-10-23", "14 15 16"),
    Complaint("and sees the teacher's", BERLIN, MORNING, SAIGON, "2026-10-26", "15 16 17"),
    Complaint("the day of 23 hours", BERLIN, MORNING, BERLIN, "2027-03-28", "09 10 11"),
    Complaint("the day of 25 hours", BERLIN, MORNING, BERLIN, "2026-10-25", "09 10 11"),
    Complaint("hours in the gap", BERLIN, ("01:00-04:00",), BERLIN, "2027-03-28", "01 03"),
    Complaint("hours that come twice", BERLIN, ("01:00-04:00",), BERLIN, "2026-10-25", "01 02 02 03"),
    Complaint("the asker's day is two of the teacher's", NEW_YORK, ("08:00-20:00",), SAIGON, "2026-12-02",
              "00 01 02 03 04 05 06 07 20 21 22 23"),
    Complaint("three quarters of an hour", "Asia/Kathmandu", MORNING, "UTC", "2026-12-01",
              "03:15 04:15 05:15"),
    Complaint("a lesson over midnight", BERLIN, NIGHT, BERLIN, "2026-12-01", "00:00 22:00 23:30",
              {"length": 90}),
    Complaint("none beyond the hours after midnight", BERLIN, NIGHT, BERLIN, "2026-12-01", "22",
              {"length": 240}),
    Complaint("midnight belongs to the next day", BERLIN, ("23:00-23:59",), BERLIN, "2026-12-01", "23"),
    Complaint("lessons that touch", BERLIN, MORNING, BERLIN, "2026-12-01", "09 11",
              booked=("2026-12-01T10:00+01:00",)),
    Complaint("buffers that touch", BERLIN, MORNING, BERLIN, "2026-12-01", "10:45 11:00 11:15 11:30",
              {"length": 30, "slotInterval": 15, "afterEventBuffer": 15, "beforeEventBuffer": 15},
              ("2026-12-01T09:45:00+01:00",)),
    Complaint("notice to the second", BERLIN, MORNING, BERLIN, "2026-12-01", "10 11",
              {"length": 60, "minimumBookingNotice": 120}, now="2026-12-01T08:00:00+01:00"),
    Complaint("and one second later", BERLIN, MORNING, BERLIN, "2026-12-01", "11",
              {"length": 60, "minimumBookingNotice": 120}, now="2026-12-01T08:00:01+01:00"),
    Complaint("notice over the night of 25 hours", BERLIN, MORNING, BERLIN, "2026-10-25", "10 11",
              {"length": 60, "minimumBookingNotice": 1440}, now="2026-10-24T11:00+02:00"),
    Complaint("today, for who is in tomorrow already", NEW_YORK, ALWAYS, SAIGON, "2026-12-02",
              " ".join(f"{hour:02}" for hour in range(12)),
              {"length": 60, "periodType": "rolling", "periodDays": 0, "periodCountCalendarDays": True},
              now="2026-12-01T00:00-05:00"),
    Complaint("a day limit is of the teacher's day", NEW_YORK, ALWAYS, SAIGON, "2026-12-03",
              " ".join(f"{hour:02}" for hour in range(12, 24)),
              {"length": 60, "bookingLimits": '{"PER_DAY": 1}'}, ("2026-12-02T00:00-05:00",)),
)  # fmt: skip


@pytest.mark.parametrize("complaint", COMPLAINTS, ids=lambda complaint: complaint.of)
def test_what_is_shown_is_right_and_can_be_booked(
    api: Api, school: School, clock: Clock, complaint: Complaint
) -> None:
    _set_up(api, school, clock, complaint)
    shown_in = ZoneInfo(complaint.asks_in)
    slots = _shown(api, school, complaint)
    assert [f"{start:%H:%M}" for start, _ in slots] == [
        clock if ":" in clock else f"{clock}:00" for clock in complaint.shows.split()
    ]
    for start, end in slots:
        length = timedelta(minutes=complaint.lesson["length"])
        assert end.timestamp() - start.timestamp() == length.total_seconds()
        assert start.utcoffset() == datetime.fromtimestamp(start.timestamp(), shown_in).utcoffset()
        assert end.utcoffset() == datetime.fromtimestamp(end.timestamp(), shown_in).utcoffset()
    assert api.post("/v1/bookings", lesson(school, slots[0][0])).status == 201


def _set_up(api: Api, school: School, clock: Clock, complaint: Complaint) -> None:
    school.database.rows('DELETE FROM "Availability" WHERE "tenantId" = :t', t=school.id)
    school.change("Schedule", school.schedule_id, timeZone=complaint.teaches_in)
    for hours in complaint.hours:
        start, end = hours.split("-")
        school.add_hours(school.schedule_id, start=start, end=end, days=EVERY_DAY)
    school.change("EventType", school.lesson_id, **complaint.lesson)
    clock(datetime.fromisoformat("2026-09-01T00:00+00:00"))
    for booked in complaint.booked:
        assert api.post("/v1/bookings", lesson(school, _with_seconds(booked))).status == 201
    clock(datetime.fromisoformat(complaint.now))


def _with_seconds(at: str) -> str:
    return datetime.fromisoformat(at).isoformat()


def _shown(api: Api, school: School, complaint: Complaint) -> list[tuple[datetime, datetime]]:
    day = date.fromisoformat(complaint.day)
    asked = urlencode({"start": day, "end": day, "timeZone": complaint.asks_in})
    answer = api.get(f"/v1/event-types/{school.lesson_id}/slots?{asked}")
    assert answer.status == 200, answer
    told = answer.json["slots"]
    return [(datetime.fromisoformat(s["start"]), datetime.fromisoformat(s["end"])) for s in told]


def test_a_long_lesson_over_the_change_of_the_clock_ends_when_it_is_over(
    api: Api, school: School, clock: Clock
) -> None:
    """Two hours from 01:30 are over at 04:30 where 02:00 was followed by 03:00, and at 02:30 in autumn."""
    always = Complaint("", NEW_YORK, ALWAYS, NEW_YORK, "2027-03-14", "", {"length": 120, "slotInterval": 30})
    _set_up(api, school, clock, always)
    ends = {start.isoformat(): end.isoformat() for start, end in _shown(api, school, always)}
    assert ends["2027-03-14T01:30:00-05:00"] == "2027-03-14T04:30:00-04:00"
    autumn = Complaint("", NEW_YORK, ALWAYS, NEW_YORK, "2026-11-01", "", always.lesson)
    ends = {start.isoformat(): end.isoformat() for start, end in _shown(api, school, autumn)}
    assert ends["2026-11-01T01:30:00-04:00"] == "2026-11-01T02:30:00-05:00"
    assert ends["2026-11-01T01:30:00-05:00"] == "2026-11-01T03:30:00-05:00"
    assert len(ends) == 50
