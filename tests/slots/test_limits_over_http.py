"""Limits, assignment rules, absences and the first slot of a day, as the API shows and books them."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest

from tests.bookings.requests import NEW_YORK, lesson, next_monday
from tests.conftest import Clock, Load
from tests.functions import Answer, Api
from tests.invariants import broken_invariants
from tests.schools import School, make_school

MONDAY = next_monday(0).date()
TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)


def ask(api: Api, school: School, zone: str = "America/New_York", **query: Any) -> Answer:
    """The slots of the week from Monday on, unless told."""
    asked = {"start": MONDAY, "end": MONDAY + timedelta(days=6), "timeZone": zone, **query}
    return api.get(f"/v1/event-types/{school.lesson_id}/slots?{urlencode(asked)}")


def starts(api: Api, school: School, zone: str = "America/New_York", **query: Any) -> list[str]:
    """Of the week, as weekday and wall time in the zone: `Mon 09:00`."""
    told = ask(api, school, zone, **query)
    assert told.status == 200, told
    return [f"{datetime.fromisoformat(slot['start']):%a %H:%M}" for slot in told.json["slots"]]


def days(api: Api, school: School, **query: Any) -> list[str]:
    return list(dict.fromkeys(start[:3] for start in starts(api, school, **query)))


def book(api: Api, school: School, at: datetime, **more: Any) -> Answer:
    return api.post("/v1/bookings", lesson(school, at, **more))


@pytest.mark.parametrize("column", ["bookingLimits", "durationLimits"])
@pytest.mark.parametrize("told", ['{"PER_DAY": -1}', '{"PER_WEEK": "3"}', "[1]", '"PER_DAY"'])
def test_an_event_type_whose_limits_make_no_sense_is_not_offered(
    api: Api, school: School, column: str, told: str
) -> None:
    school.change("EventType", school.lesson_id, **{column: told})
    assert ask(api, school).code == "event_type_not_found"
    assert book(api, school, next_monday(9)).code == "event_type_not_found"


@pytest.mark.parametrize("told", ['{"freq": 9}', '{"freq": 2, "byweekday": [0]}', '"weekly"'])
def test_a_teacher_by_a_rule_nobody_understands_offers_nothing_and_the_others_do(
    api: Api, school: School, told: str
) -> None:
    second = school.add_teacher()
    _rule(school, school.teacher_id, told)
    slots = ask(api, school).json["slots"]
    assert {teacher for slot in slots for teacher in slot["teacherIds"]} == {second}
    assert book(api, school, next_monday(9), teacherId=school.teacher_id).code == "slot_not_offered"


def test_a_full_day_is_neither_shown_nor_booked(api: Api, school: School) -> None:
    school.change("EventType", school.lesson_id, bookingLimits='{"PER_DAY": 2}')
    assert book(api, school, next_monday(9)).status == 201
    assert days(api, school)[0] == "Mon"
    assert book(api, school, next_monday(15)).status == 201
    assert days(api, school) == ["Tue", "Wed", "Thu", "Fri"]
    assert book(api, school, next_monday(12)).code == "slot_taken"
    assert book(api, school, next_monday(12) + timedelta(days=1)).status == 201


@pytest.mark.parametrize(("status", "left"), [("pending", "Tue"), ("cancelled", "Mon"), ("rejected", "Mon")])
def test_what_is_called_off_does_not_count_and_what_waits_does(
    api: Api, school: School, status: str, left: str
) -> None:
    school.change("EventType", school.lesson_id, bookingLimits='{"PER_DAY": 1}')
    booked = book(api, school, next_monday(9)).json["uid"]
    school.database.rows(
        """UPDATE "Booking" SET status = CAST(:status AS "BookingStatus"),
               "holdExpiresAt" = CASE WHEN :status = 'pending' THEN "startTime" END WHERE uid = :uid""",
        status=status,
        uid=booked,
    )
    assert days(api, school)[0] == left
    assert book(api, school, next_monday(12)).status == (409 if left == "Tue" else 201)


def test_a_days_minutes_are_filled_to_the_last(api: Api, school: School) -> None:
    school.change("EventType", school.lesson_id, durationLimits='{"PER_DAY": 60}')
    assert [book(api, school, next_monday(hour)).status for hour in (9, 11, 13)] == [201, 201, 409]
    assert days(api, school)[0] == "Tue"


def test_each_teacher_has_limits_of_their_own(api: Api, school: School) -> None:
    school.change("EventType", school.lesson_id, bookingLimits='{"PER_WEEK": 1}')
    second = school.add_teacher()
    first = book(api, school, next_monday(9), teacherId=school.teacher_id)
    assert first.status == 201
    left = ask(api, school).json["slots"]
    assert {teacher for slot in left for teacher in slot["teacherIds"]} == {second}
    assert book(api, school, next_monday(12)).json["teacher"]["id"] == second
    assert starts(api, school) == []
    assert book(api, school, next_monday(15)).code == "slot_taken"


def test_lessons_of_another_kind_do_not_count(api: Api, school: School) -> None:
    school.change("EventType", school.lesson_id, bookingLimits='{"PER_DAY": 1}')
    other = school.add_event_type("grammar")
    assert book(api, school, next_monday(9), eventTypeId=other).status == 201
    assert starts(api, school)[0] == "Mon 09:30"


def test_a_year_counts_what_is_far_from_what_is_asked_for(api: Api, school: School) -> None:
    """A slot of this year is full because of a lesson months away; one of another year is not."""
    year = MONDAY.year
    first, last = datetime(year + 1, 1, 12, 9, tzinfo=NEW_YORK), datetime(year + 1, 12, 6, 9, tzinfo=NEW_YORK)
    first, last = (each + timedelta(days=-each.weekday() % 7) for each in (first, last))
    school.change("EventType", school.lesson_id, bookingLimits='{"PER_YEAR": 1}')
    assert book(api, school, last).status == 201
    assert starts(api, school, start=first.date(), end=first.date()) == []
    assert book(api, school, first).code == "slot_taken"
    following = first + timedelta(days=364 + 7)
    assert book(api, school, following.replace(hour=9)).status == 201


def test_an_assignment_every_other_week(api: Api, school: School) -> None:
    _rule(school, school.teacher_id, f'{{"freq": 2, "interval": 2, "dtstart": "{TUESDAY}"}}')
    told = ask(api, school, end=MONDAY + timedelta(days=20)).json["slots"]
    shown = {datetime.fromisoformat(slot["start"]).date() for slot in told}
    weeks = [*(TUESDAY + timedelta(days=ahead) for ahead in range(4)), *_week_after(MONDAY, 2)]
    assert sorted(shown) == weeks
    assert book(api, school, next_monday(9)).code == "slot_not_offered"
    assert book(api, school, next_monday(9) + timedelta(days=1)).status == 201
    assert book(api, school, _wall(MONDAY + timedelta(days=8), 9)).code == "slot_not_offered"


def _week_after(monday: Any, weeks: int) -> list[Any]:
    return [monday + timedelta(days=7 * weeks + ahead) for ahead in range(5)]


def _wall(day: Any, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=NEW_YORK)


ZONES = ["Pacific/Auckland", "Asia/Ho_Chi_Minh", "UTC", "America/New_York", "Pacific/Pago_Pago"]


@pytest.mark.parametrize("zone", ZONES)
def test_an_absence_takes_whole_days_of_the_teachers_calendar(
    api: Api, school: School, clock: Clock, zone: str
) -> None:
    """Cal.com writes the days from Tuesday to Wednesday from UTC's first to its last millisecond of them."""
    clock(next_monday(0) - timedelta(days=3))
    _always_open(school, zone)
    _away(school, f"{TUESDAY} 00:00:00", f"{WEDNESDAY} 23:59:59.999")
    shown = starts(api, school, zone)
    assert [start for start in shown if start[:3] in ("Mon", "Thu")] == [
        f"{day} {hour:02}:00" for day in ("Mon", "Thu") for hour in range(24)
    ]
    assert not [start for start in shown if start[:3] in ("Tue", "Wed")]
    in_zone = ZoneInfo(zone)
    for day, hour, code in ((TUESDAY, 0, 422), (WEDNESDAY, 23, 422), (MONDAY, 23, 201)):
        at = datetime(day.year, day.month, day.day, hour, tzinfo=in_zone)
        assert book(api, school, at).status == code, at


def test_an_absence_written_as_one_midnight_is_that_day(api: Api, school: School) -> None:
    _away(school, f"{TUESDAY} 00:00:00", f"{TUESDAY} 00:00:00")
    assert days(api, school) == ["Mon", "Wed", "Thu", "Fri"]


def test_an_absence_closes_the_hours_of_its_date_too(api: Api, school: School) -> None:
    school.add_hours(school.schedule_id, start="10:00", end="11:00", date=TUESDAY.isoformat())
    _away(school, f"{TUESDAY} 00:00:00", f"{TUESDAY} 23:59:59.999")
    assert "Tue" not in days(api, school)


def test_a_lesson_does_not_reach_into_a_day_of_absence_and_its_buffer_may(api: Api, school: School) -> None:
    _always_open(school, "America/New_York")
    school.change("EventType", school.lesson_id, length=90, slotInterval=30, afterEventBuffer=60)
    _away(school, f"{TUESDAY} 00:00:00", f"{TUESDAY} 23:59:59.999")
    assert [start for start in starts(api, school) if start[:3] == "Mon"][-1] == "Mon 22:30"
    assert book(api, school, next_monday(23)).code == "slot_not_offered"
    assert book(api, school, next_monday(22, 30)).status == 201


def _always_open(school: School, zone: str) -> None:
    school.database.rows('DELETE FROM "Availability" WHERE "tenantId" = :t', t=school.id)
    school.add_hours(school.schedule_id, start="00:00", end="23:59", days=[0, 1, 2, 3, 4, 5, 6])
    school.change("Schedule", school.schedule_id, timeZone=zone)
    school.change("EventType", school.lesson_id, length=60)


def _away(school: School, start: str, end: str) -> None:
    school.database.rows(
        """INSERT INTO "OutOfOfficeEntry" ("tenantId", "userId", uuid, start, "end", "updatedAt")
           VALUES (:t, :u, 'away', CAST(:start AS timestamp), CAST(:end AS timestamp), now())""",
        t=school.id,
        u=school.teacher_id,
        start=start,
        end=end,
    )


def _rule(school: School, teacher: int, rule: str) -> None:
    school.database.rows(
        """UPDATE "TeacherCourseAssignment" SET "recurrenceRule" = CAST(:rule AS jsonb)
           WHERE "teacherId" = :teacher AND "eventTypeId" = :event_type""",
        rule=rule,
        teacher=teacher,
        event_type=school.lesson_id,
    )


def test_only_the_first_slot_of_each_day_is_shown(api: Api, school: School) -> None:
    school.change("EventType", school.lesson_id, onlyShowFirstAvailableSlot=True)
    assert starts(api, school) == ["Mon 09:00", "Tue 09:00", "Wed 09:00", "Thu 09:00", "Fri 09:00"]


def test_a_day_that_shows_its_first_slot_is_one_of_the_askers(api: Api, school: School) -> None:
    """From 9 to 17 in New York is two days in Tokyo."""
    school.change("EventType", school.lesson_id, onlyShowFirstAvailableSlot=True)
    clock = {datetime.fromisoformat(slot["start"]) for slot in ask(api, school, "Asia/Tokyo").json["slots"]}
    assert len({start.date() for start in clock}) == len(clock) == 6
    assert {start.hour for start in clock} <= {0, 22, 23}


def test_a_slot_behind_the_first_is_shown_to_who_asks_later_and_can_be_booked(
    api: Api, school: School
) -> None:
    school.change("EventType", school.lesson_id, onlyShowFirstAvailableSlot=True)
    noon = next_monday(12)
    later = starts(api, school, start=noon.isoformat(), end=next_monday(17).isoformat())
    assert later == ["Mon 12:00"]
    assert book(api, school, noon).status == 201
    assert starts(api, school)[0] == "Mon 09:00"


def test_when_the_first_slot_is_taken_the_next_is_shown(api: Api, school: School) -> None:
    school.change("EventType", school.lesson_id, onlyShowFirstAvailableSlot=True)
    assert book(api, school, next_monday(9)).status == 201
    assert starts(api, school)[:2] == ["Mon 09:30", "Tue 09:00"]


def test_fifty_teachers_with_limits_take_no_more_round_trips_than_one(load: Load, database: Any) -> None:
    from tests.bookings.test_round_trips import spent

    school = make_school(database, "aurora")
    api = Api(load("booking_api"))
    path = f"/v1/event-types/{school.lesson_id}/slots?start={MONDAY}&end={MONDAY + timedelta(days=30)}"
    api.get(path)
    of_one = spent(api, "GET", path)
    school.change("EventType", school.lesson_id, bookingLimits='{"PER_DAY": 3, "PER_YEAR": 100}')
    for _ in range(49):
        school.add_teacher()
    assert spent(api, "GET", path) == of_one
    told = api.get(path).json["slots"]
    assert {len(slot["teacherIds"]) for slot in told} == {50}
    api.function.close()
    assert broken_invariants(database) == []
