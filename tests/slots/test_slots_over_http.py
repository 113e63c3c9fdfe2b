"""What the API shows, on ordinary days and on the nights the clocks change."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.bookings.requests import MAI, lesson, next_monday
from tests.conftest import Clock
from tests.functions import Answer, Api
from tests.schools import School, make_school

TABLE = Path(__file__).with_name("dst_nights.csv")
NIGHTS = list(csv.DictReader(TABLE.read_text(encoding="ascii").splitlines()))
CHANGES = sorted({(row["zone"], row["change"]) for row in NIGHTS})


def slots(api: Api, event_type: int, **query: Any) -> Answer:
    return api.get(f"/v1/event-types/{event_type}/slots?{urlencode(query)}")


def starts(answer: Answer) -> list[str]:
    assert answer.status == 200, answer
    return [
        datetime.fromisoformat(slot["start"]).astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")
        for slot in answer.json["slots"]
    ]


MONDAY = next_monday(0).date()


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"start": "2027-03-01"},
        {"start": "2027-03-02", "end": "2027-03-01"},
        {"start": "2027-03-01", "end": "2027-06-01"},
        {"start": "2027-03-01T09:00:00", "end": "2027-03-02"},
        {"start": "tomorrow", "end": "2027-03-02"},
        {"start": '"', "end": "2027-03-02"},
        {"start": "2027-02-30", "end": "2027-03-02"},
        {"start": "9999-12-30", "end": "9999-12-31"},
        {"start": "2199-12-01", "end": "2199-12-31"},
        {"start": "20261201", "end": "2026-12-31"},
        {"start": "2026-W49-1", "end": "2026-12-31"},
        {"start": "1796000000", "end": "2026-12-31"},
        {"start": "2027-03-01", "end": "2027-03-02", "time_zone": "UTC"},
        {"start": "0001-01-01", "end": "0001-01-02"},
        {"start": "2027-03-01", "end": "2027-03-02", "timeZone": "Mars/Olympus"},
        {"start": "2027-03-01", "end": "2027-03-02", "timeZone": "\x00"},
        {"start": "2027-03-01", "end": "2027-03-02", "teacherId": "x"},
        {"start": "2027-03-01", "end": "2027-03-02", "tenantId": "1"},
    ],
    ids=lambda query: urlencode(query) or "nothing",
)
def test_a_question_that_makes_no_sense_is_invalid(api: Api, school: School, query: dict[str, str]) -> None:
    answer = slots(api, school.lesson_id, **query)
    assert (answer.status, answer.code) == (422, "invalid_request")


@pytest.mark.parametrize("event_type", ["0", "-1", "999999", "99999999999", "x", "%00", "1.5", "1" * 5_000])
def test_an_event_type_that_is_none_is_not_found(api: Api, school: School, event_type: str) -> None:
    answer = api.get(f"/v1/event-types/{event_type}/slots?start={MONDAY}&end={MONDAY}")
    assert answer.status == 404


def test_another_schools_slots_are_not_shown(api: Api, school: School) -> None:
    other = make_school(school.database, "lotus")
    assert slots(api, other.lesson_id, start=MONDAY, end=MONDAY).code == "event_type_not_found"


def test_a_suspended_schools_slots_are_not_shown(api: Api, school: School) -> None:
    school.change("Tenant", school.id, subscriptionStatus="SUSPENDED")
    assert slots(api, school.lesson_id, start=MONDAY, end=MONDAY).code == "tenant_suspended"


def test_a_day_of_the_teacher_is_shown_on_the_students_clock(api: Api, school: School) -> None:
    answer = slots(api, school.lesson_id, start=MONDAY, end=MONDAY, timeZone="America/New_York")
    told = answer.json["slots"]
    assert len(told) == 16
    assert told[0]["start"] == next_monday(9).isoformat()
    assert told[-1]["end"] == next_monday(17).isoformat()
    assert all(slot["teacherIds"] == [school.teacher_id] for slot in told)


def test_a_date_override_replaces_the_weekly_hours_of_that_day(api: Api, school: School) -> None:
    school.add_hours(school.schedule_id, start="20:00", end="21:00", date=MONDAY.isoformat())
    told = slots(api, school.lesson_id, start=MONDAY, end=MONDAY, timeZone="America/New_York").json["slots"]
    assert [slot["start"][11:16] for slot in told] == ["20:00", "20:30"]


def test_a_closed_date_shows_nothing(api: Api, school: School) -> None:
    school.add_hours(school.schedule_id, start="00:00", end="00:00", date=MONDAY.isoformat())
    assert (
        slots(api, school.lesson_id, start=MONDAY, end=MONDAY, timeZone="America/New_York").json["slots"]
        == []
    )


def test_hours_that_end_before_they_start_open_nothing_and_break_nothing(api: Api, school: School) -> None:
    school.add_hours(school.schedule_id, start="22:00", end="02:00", days=[1])
    assert len(starts(slots(api, school.lesson_id, start=MONDAY, end=MONDAY))) == 16


SENSELESS = [
    {"length": 0},
    {"length": 2_000_000_000},
    {"beforeEventBuffer": -5},
    {"afterEventBuffer": 2_000_000_000},
    {"slotInterval": -30},
    {"offsetStart": -1},
    {"minimumBookingNotice": -1},
    {"periodType": "range"},
    {"periodType": "range", "periodStartDate": "2027-02-01", "periodEndDate": "2027-01-01"},
    {"periodType": "rolling", "periodDays": -1},
]


@pytest.mark.parametrize("values", SENSELESS, ids=str)
def test_an_event_type_whose_rules_make_no_sense_is_not_offered(
    api: Api, school: School, values: dict[str, Any]
) -> None:
    school.change_as_calcom("EventType", school.lesson_id, **values)
    shown = slots(api, school.lesson_id, start=MONDAY, end=MONDAY)
    booked = api.post("/v1/bookings", lesson(school, next_monday(9)))
    assert shown.code == booked.code == "event_type_not_found"


@pytest.mark.parametrize("days", [2_000_000_000, 0])
def test_a_horizon_of_any_length_breaks_nothing(api: Api, school: School, days: int) -> None:
    school.change_as_calcom("EventType", school.lesson_id, periodType="rolling", periodDays=days)
    assert slots(api, school.lesson_id, start=MONDAY, end=MONDAY).status == 200


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../../etc/passwd"])
def test_a_teacher_in_a_zone_nobody_knows_offers_nothing_and_the_others_do(
    api: Api, school: School, zone: str
) -> None:
    second = school.add_teacher()
    school.change("Schedule", school.schedule_id, timeZone=zone)
    told = slots(api, school.lesson_id, start=MONDAY, end=MONDAY).json["slots"]
    assert {teacher for slot in told for teacher in slot["teacherIds"]} == {second}


def test_an_absence_that_ends_before_it_starts_takes_nobody_away(api: Api, school: School) -> None:
    school.database.rows(
        """INSERT INTO "OutOfOfficeEntry" ("tenantId", "userId", uuid, start, "end", "updatedAt")
           VALUES (:t, :u, 'x', now() + interval '30 days', now() + interval '29 days', now())""",
        t=school.id,
        u=school.teacher_id,
    )
    assert len(starts(slots(api, school.lesson_id, start=MONDAY, end=MONDAY))) == 16


def test_what_is_booked_is_not_shown_and_what_is_shown_can_be_booked(api: Api, school: School) -> None:
    school.change("EventType", school.lesson_id, beforeEventBuffer=15, slotInterval=20)
    for _ in range(4):
        shown = slots(api, school.lesson_id, start=MONDAY, end=MONDAY).json["slots"]
        chosen = shown[len(shown) // 2]["start"]
        assert api.post("/v1/bookings", lesson(school, chosen)).status == 201
        assert chosen not in [
            slot["start"] for slot in slots(api, school.lesson_id, start=MONDAY, end=MONDAY).json["slots"]
        ]
    left = slots(api, school.lesson_id, start=MONDAY, end=MONDAY).json["slots"]
    while left:
        answer = api.post("/v1/bookings", lesson(school, left[0]["start"]))
        assert answer.status == 201, (left[0], answer)
        left = slots(api, school.lesson_id, start=MONDAY, end=MONDAY).json["slots"]


def test_bookings_of_calcom_itself_are_not_shown(api: Api, school: School) -> None:
    school.database.rows(
        """INSERT INTO "Booking" (uid, "userId", "eventTypeId", title, "startTime", "endTime")
           VALUES ('theirs', :u, :e, 'Theirs', :start, :end)""",
        u=school.teacher_id,
        e=school.lesson_id,
        start=next_monday(9).astimezone(UTC).replace(tzinfo=None),
        end=next_monday(12).astimezone(UTC).replace(tzinfo=None),
    )
    assert starts(slots(api, school.lesson_id, start=MONDAY, end=MONDAY))[0] == next_monday(12).astimezone(
        UTC
    ).strftime("%Y-%m-%dT%H:%MZ")


def test_two_teachers_are_shown_together_and_each_alone(api: Api, school: School) -> None:
    second = school.add_teacher(time_zone="Asia/Ho_Chi_Minh", start="08:00", end="10:00")
    ask = {"start": MONDAY, "end": MONDAY + timedelta(days=1), "timeZone": "Asia/Ho_Chi_Minh"}
    both, alone = slots(api, school.lesson_id, **ask), slots(api, school.lesson_id, teacherId=second, **ask)
    assert {i for slot in both.json["slots"] for i in slot["teacherIds"]} == set(school.teachers)
    assert {i for slot in alone.json["slots"] for i in slot["teacherIds"]} == {second}
    assert [slot["start"][11:16] for slot in alone.json["slots"]][:4] == ["08:00", "08:30", "09:00", "09:30"]


def test_the_notice_and_the_horizon_cut_both_ends(api: Api, school: School, clock: Clock) -> None:
    clock(datetime(2027, 3, 1, 15, 10, tzinfo=UTC))
    school.change(
        "EventType", school.lesson_id, minimumBookingNotice=60, periodType="rolling", periodDays=2,
        periodCountCalendarDays=True,
    )  # fmt: skip
    told = starts(slots(api, school.lesson_id, start="2027-03-01", end="2027-03-08"))
    assert told[0] == "2027-03-01T16:30Z"
    assert told[-1] == "2027-03-03T21:30Z"


@pytest.mark.parametrize(("zone", "change"), CHANGES, ids=[f"{zone} {at}" for zone, at in CHANGES])
def test_on_the_nights_of_the_clock_the_api_shows_the_table(
    api: Api, school: School, clock: Clock, zone: str, change: str
) -> None:
    """Against tests/slots/make_dst_table.py, which knows neither our code nor a zone library."""
    night = datetime.fromisoformat(change)
    clock(night - timedelta(days=30))
    school.change("Schedule", school.schedule_id, timeZone=zone)
    rows = [row for row in NIGHTS if (row["zone"], row["change"]) == (zone, change)]
    assert rows
    for row in rows:
        _only_these_hours(school, row["hours"])
        school.change("EventType", school.lesson_id, length=int(row["length"]))
        ask = {
            "start": (night - timedelta(days=4)).isoformat(),
            "end": (night + timedelta(days=4)).isoformat(),
            "timeZone": zone,
        }
        told = slots(api, school.lesson_id, **ask)
        assert starts(told) == row["starts"].split(), row
        _one_can_be_booked(api, school, told)


def _only_these_hours(school: School, hours: str) -> None:
    school.database.rows('DELETE FROM "Availability" WHERE "tenantId" = :t', t=school.id)
    school.database.rows('DELETE FROM "Booking" WHERE "tenantId" = :t', t=school.id)
    for piece in hours.split("; "):
        date, span = piece.split()
        start, end = span.split("-")
        end = "23:59" if end == "24:00" else end
        school.add_hours(school.schedule_id, start=start, end=end, date=date)


def _one_can_be_booked(api: Api, school: School, told: Answer) -> None:
    if told.json["slots"]:
        last = told.json["slots"][-1]["start"]
        answer = api.post("/v1/bookings", lesson(school, last, attendee=MAI))
        assert answer.status == 201, answer
        assert datetime.fromisoformat(answer.json["start"]) == datetime.fromisoformat(last)
