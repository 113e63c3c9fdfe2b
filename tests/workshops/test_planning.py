"""The school says when a workshop takes place, and changes its mind."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.bookings.requests import lesson
from tests.functions import Answer, Api
from tests.invariants import broken_invariants
from tests.schools import School, make_school
from tests.workshops.workshop import FIRST, WEEK, Workshop, cancel, make_workshop

BOOKINGS = "/v1/bookings"
WEEKLY: dict[str, Any] = {"frequency": "WEEKLY", "count": 3, "start": "2035-01-09T10:00"}

LESSON = """
    INSERT INTO "Booking" (uid, "tenantId", "userId", title, "startTime", "endTime")
    VALUES ('lesson', :tenant, :teacher, 'Lesson', CAST(:start AS timestamp),
            CAST(:start AS timestamp) + interval '1 hour')
"""


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.code


def sessions(workshop: Workshop) -> dict[int, str]:
    """Starts in UTC by number, of those that are not cancelled."""
    found = workshop.school.database.rows(
        """SELECT "sessionNumber" AS n, to_char("startTime", 'MM-DD HH24:MI') AS start FROM "WorkshopSession"
           WHERE "eventTypeId" = :e AND "cancelledAt" IS NULL ORDER BY 1""",
        e=workshop.id,
    )
    return {row["n"]: row["start"] for row in found}


def add_lesson(school: School, start: datetime) -> None:
    at = start.replace(tzinfo=None).isoformat()
    school.database.rows(LESSON, tenant=school.id, teacher=school.teacher_id, start=at)


def changed(answer: Answer) -> tuple[list[int], list[int], list[int]]:
    assert answer.status == 200, answer
    return answer.json["created"], answer.json["kept"], answer.json["removed"]


@pytest.mark.parametrize("email", ["teacher1@aurora.test", "admin@lotus.test", "stranger@example.test"])
def test_nobody_plans_but_the_schools_own_admins(admin_api: Api, workshop: Workshop, email: str) -> None:
    make_school(workshop.school.database, "lotus")
    path = f"{workshop.admin_path}/recurrence"
    assert refused(admin_api.put(path, WEEKLY, claims={"email": email})) == (403, "forbidden")
    assert refused(admin_api.put(path, WEEKLY)) == (401, "unauthorized")
    assert sessions(workshop) == {}


@pytest.mark.parametrize("email", ["admin@lotus.test", "stranger@example.test"])
def test_nobody_of_elsewhere_cancels_a_session(admin_api: Api, workshop: Workshop, email: str) -> None:
    make_school(workshop.school.database, "lotus")
    path = f"{workshop.admin_path}/sessions/1/cancel"
    assert refused(admin_api.post(path, {}, claims={"email": email})) == (403, "forbidden")
    assert refused(admin_api.post(path, {})) == (401, "unauthorized")


def test_what_is_not_a_workshop_of_the_school_has_no_rule(admin_api: Api, workshop: Workshop) -> None:
    theirs = make_workshop(make_school(workshop.school.database, "lotus"))
    for event_type, code in (
        (theirs.id, "event_type_not_found"),
        (workshop.school.lesson_id, "not_a_workshop"),
    ):
        path = f"/v1/admin/event-types/{event_type}/recurrence"
        assert admin_api.put(path, WEEKLY, claims=workshop.claims).code == code


def test_only_who_teaches_the_workshop_can_be_its_teacher(admin_api: Api, workshop: Workshop) -> None:
    for teacher in (workshop.school.admin_id, workshop.school.add_teacher(), 2_000_000):
        answer = workshop.put_rule(admin_api, **WEEKLY, teacherId=teacher)
        assert refused(answer) == (404, "teacher_not_found")


def test_one_of_two_teachers_has_to_be_named(admin_api: Api, school: School) -> None:
    second = school.add_teacher(time_zone="Europe/Berlin")
    workshop = make_workshop(school)
    assert refused(workshop.put_rule(admin_api, **WEEKLY)) == (422, "invalid_request")
    told = workshop.put_rule(admin_api, **WEEKLY, teacherId=second).json
    assert told["recurrence"]["timeZone"] == "Europe/Berlin"
    assert sessions(workshop)[1] == "01-09 09:00"


@pytest.mark.parametrize(
    "changes", [{"start": "2035-03-11T02:30"}, {"byDay": ["MO"]}, {"seatLimit": 0}, {"count": 201}]
)
def test_a_rule_without_sense_is_refused(admin_api: Api, workshop: Workshop, changes: dict[str, Any]) -> None:
    assert refused(workshop.put_rule(admin_api, **{**WEEKLY, **changes})) == (422, "invalid_request")
    assert sessions(workshop) == {}


def test_a_rule_that_is_over_does_not_take_the_sessions_to_come_away(
    admin_api: Api, workshop: Workshop
) -> None:
    workshop.put_rule(admin_api, **WEEKLY)
    answer = workshop.put_rule(admin_api, **{**WEEKLY, "start": "2025-01-07T10:00"})
    assert refused(answer) == (422, "invalid_request")
    assert len(sessions(workshop)) == 3


def test_a_suspended_school_plans_nothing(admin_api: Api, workshop: Workshop) -> None:
    workshop.school.change("Tenant", workshop.school.id, subscriptionStatus="SUSPENDED")
    assert refused(workshop.put_rule(admin_api, **WEEKLY)) == (403, "tenant_suspended")


def test_a_clash_in_the_seventh_of_twelve_weeks_leaves_nothing(admin_api: Api, workshop: Workshop) -> None:
    add_lesson(workshop.school, FIRST + 6 * WEEK)
    answer = workshop.put_rule(admin_api, **{**WEEKLY, "count": 12})
    assert refused(answer) == (409, "sessions_clash")
    start = FIRST + 6 * WEEK
    assert answer.json["occurrences"] == [
        {
            "start": start.isoformat(),
            "end": (start + timedelta(minutes=90)).isoformat(),
            "reason": "booked",
        }
    ]
    assert sessions(workshop) == {}
    stored = workshop.school.database.value(
        'SELECT "workshopRecurrence" FROM "EventType" WHERE id = :e', e=workshop.id
    )
    assert stored is None
    assert workshop.school.database.value('SELECT count(*) FROM "TeacherOccupancy"') == 1


def test_a_clash_with_a_holiday_is_told_as_such(admin_api: Api, workshop: Workshop) -> None:
    workshop.school.database.rows(
        """INSERT INTO "OutOfOfficeEntry" ("tenantId", "userId", uuid, start, "end", "createdAt", "updatedAt")
           VALUES (:t, :u, gen_random_uuid()::text, '2035-01-15', '2035-01-20', now(), now())""",
        t=workshop.school.id,
        u=workshop.school.teacher_id,
    )
    answer = workshop.put_rule(admin_api, **WEEKLY)
    assert [each["reason"] for each in answer.json["occurrences"]] == ["away"]


@pytest.mark.parametrize(
    ("day", "hour", "codes"),
    [("2035-01-09", "20:00", ["away"]), ("2035-01-10", "20:00", []), ("2035-01-10", "23:00", ["away"])],
)
def test_a_holiday_is_a_day_of_the_teachers_own_calendar(
    admin_api: Api, workshop: Workshop, day: str, hour: str, codes: list[str]
) -> None:
    """A session of 90 minutes on the ninth in New York, where the evening is the tenth of Greenwich."""
    workshop.school.database.rows(
        """INSERT INTO "OutOfOfficeEntry" ("tenantId", "userId", uuid, start, "end", "createdAt", "updatedAt")
           VALUES (:t, :u, gen_random_uuid()::text, CAST(:day AS date),
                   CAST(:day AS date) + interval '1 day' - interval '1 ms', now(), now())""",
        t=workshop.school.id,
        u=workshop.school.teacher_id,
        day=day,
    )
    answer = workshop.put_rule(admin_api, **{**WEEKLY, "count": 1, "start": f"2035-01-09T{hour}"})
    assert [each["reason"] for each in answer.json.get("occurrences", [])] == codes


def test_the_sessions_are_made(admin_api: Api, workshop: Workshop) -> None:
    answer = workshop.put_rule(admin_api, **WEEKLY)
    assert changed(answer) == ([1, 2, 3], [], [])
    assert sessions(workshop) == {1: "01-09 15:00", 2: "01-16 15:00", 3: "01-23 15:00"}
    assert answer.json["recurrence"] == {
        **WEEKLY,
        "interval": 1,
        "start": "2035-01-09T10:00:00",
        "timeZone": "America/New_York",
        "teacherId": workshop.school.teacher_id,
    }
    (row,) = workshop.school.database.rows(
        'SELECT DISTINCT "seatLimit" AS s, "teacherId" AS t FROM "WorkshopSession"'
    )
    assert row == {"s": 3, "t": workshop.school.teacher_id}


def test_what_has_begun_is_not_made(admin_api: Api, workshop: Workshop) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    rule = {"frequency": "DAILY", "count": 4, "start": f"{yesterday:%Y-%m-%dT%H:%M}", "timeZone": "UTC"}
    assert changed(workshop.put_rule(admin_api, **rule))[0] == [1, 2]


def test_the_same_rule_again_changes_nothing(admin_api: Api, workshop: Workshop) -> None:
    workshop.put_rule(admin_api, **WEEKLY)
    assert changed(workshop.put_rule(admin_api, **WEEKLY)) == ([], [1, 2, 3], [])


def test_empty_sessions_are_replaced_and_their_numbers_never_used_again(
    admin_api: Api, workshop: Workshop
) -> None:
    workshop.put_rule(admin_api, **WEEKLY)
    later = {**WEEKLY, "start": "2035-01-09T11:00"}
    assert changed(workshop.put_rule(admin_api, **later)) == ([4, 5, 6], [], [1, 2, 3])
    assert changed(workshop.put_rule(admin_api, **WEEKLY)) == ([7, 8, 9], [], [4, 5, 6])


def test_what_is_booked_or_waited_for_stays_as_it_is(api: Api, admin_api: Api, workshop: Workshop) -> None:
    workshop.put_rule(admin_api, **WEEKLY, seatLimit=1)
    first, second = (api.post(BOOKINGS, workshop.seat(number)).json for number in (1, 2))
    assert workshop.wait(api, 2).status == 201
    workshop.school.change("Tenant", workshop.school.id, maxBookingsPerMonth=2)
    cancel(api, second)
    later = {**WEEKLY, "count": 4, "start": "2035-01-09T11:00"}
    assert changed(workshop.put_rule(admin_api, **later)) == ([4, 5], [1, 2], [3])
    assert sessions(workshop) == {1: "01-09 15:00", 2: "01-16 15:00", 4: "01-23 16:00", 5: "01-30 16:00"}
    assert (
        api.get(f"{BOOKINGS}/{first['uid']}", headers={"x-manage-token": first["manageToken"]})
        .json["start"]
        .startswith("2035-01-09T22:00")
    )
    assert broken_invariants(workshop.school.database) == []


def test_a_cancelled_session_does_not_come_back(admin_api: Api, workshop: Workshop) -> None:
    workshop.put_rule(admin_api, **WEEKLY)
    path = f"{workshop.admin_path}/sessions/2/cancel"
    assert admin_api.post(path, {}, claims=workshop.claims).status == 200
    assert changed(workshop.put_rule(admin_api, **WEEKLY)) == ([], [1, 3], [])


def test_an_adopted_rule_without_a_start_has_no_sessions_and_can_be_replaced(
    admin_api: Api, api: Api, workshop: Workshop
) -> None:
    workshop.school.database.rows(
        """UPDATE "EventType" SET "workshopRecurrence" = '{"frequency": "WEEKLY", "interval": 1, "count": 12}'
           WHERE id = :e""",
        e=workshop.id,
    )
    assert api.get(workshop.path).json["sessions"] == []
    assert changed(workshop.put_rule(admin_api, **WEEKLY)) == ([1, 2, 3], [], [])


def test_the_limit_does_not_fall_below_the_seats_taken(api: Api, admin_api: Api, workshop: Workshop) -> None:
    workshop.put_rule(admin_api, **WEEKLY)
    for who in (0, 1):
        api.post(BOOKINGS, workshop.seat(2, who=who))
    answer = workshop.put_rule(admin_api, **WEEKLY, seatLimit=1)
    assert refused(answer) == (409, "seats_taken")
    assert answer.json["sessions"] == [2]
    assert workshop.put_rule(admin_api, **WEEKLY, seatLimit=2).json["seatLimit"] == 2
    assert api.post(BOOKINGS, workshop.seat(2, who=2)).code == "session_full"


def test_a_higher_limit_offers_seats_to_who_waits(api: Api, admin_api: Api, workshop: Workshop) -> None:
    workshop.put_rule(admin_api, **WEEKLY, seatLimit=1)
    api.post(BOOKINGS, workshop.seat(1))
    for who in (1, 2):
        workshop.wait(api, 1, who=who)
    assert workshop.put_rule(admin_api, **WEEKLY, seatLimit=2).status == 200
    assert workshop.entries() == ["OFFERED", "WAITING"]
    assert broken_invariants(workshop.school.database) == []


def test_a_session_and_a_lesson_keep_out_of_each_others_way(
    api: Api, admin_api: Api, workshop: Workshop
) -> None:
    workshop.put_rule(admin_api, **WEEKLY)
    start = FIRST.isoformat().replace("+00:00", "Z")
    assert api.post(BOOKINGS, lesson(workshop.school, start)).code == "slot_taken"


def test_the_rule_is_told_back_with_the_sessions(admin_api: Api, workshop: Workshop) -> None:
    path = f"{workshop.admin_path}/sessions"
    assert "recurrence" not in admin_api.get(path, claims=workshop.claims).json
    workshop.put_rule(admin_api, frequency="WEEKLY", count=2, start="2035-01-09T10:00", seatLimit=4)
    told = admin_api.get(path, claims=workshop.claims).json
    assert (told["recurrence"]["start"], told["recurrence"]["count"]) == ("2035-01-09T10:00", 2)
    assert told["seatLimit"] == 4
