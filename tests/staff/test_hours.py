"""What the staff enters of hours, absences and assignments is what the school's slots show."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.functions import Api
from tests.schools import School, make_school
from tests.staff.people import Person, audited, last_changes, refused

# A Monday; the teacher's New York is five hours behind.
NOW = datetime(2035, 1, 8, 5, 0, tzinfo=UTC)
MORNING = [{"days": [2], "start": "09:00", "end": "10:00"}]


@pytest.fixture(autouse=True)
def clock_of_all(at: Callable[[datetime], None]) -> None:
    at(NOW)


def slots(api: Api, event_type: int, day: str, until: str | None = None) -> list[str]:
    """Starts of half hours, on the wall in New York."""
    query = urlencode({"start": day, "end": until or day, "timeZone": "America/New_York"})
    told = api.get(f"/v1/event-types/{event_type}/slots?{query}").json["slots"]
    return [slot["start"][5:16] for slot in told]


def schedule(person: Person, **more: Any) -> dict[str, Any]:
    answer = person.post("/schedules", {"timeZone": "America/New_York", "weekly": MORNING, **more})
    assert answer.status == 201, answer
    told: dict[str, Any] = answer.json
    return told


def test_hours_are_a_schedules_when_they_are_the_default(admin: Person, school: School, api: Api) -> None:
    own = {"teacherId": school.teacher_id}
    made = schedule(admin, **own)
    assert len(slots(api, school.lesson_id, "2035-01-09")) == 16
    admin.patch(f"/schedules/{made['id']}", {"isDefault": True})
    assert slots(api, school.lesson_id, "2035-01-09") == ["01-09T09:00", "01-09T09:30"]
    assert slots(api, school.lesson_id, "2035-01-10") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"weekly": [{"days": [1], "start": "10:00", "end": "09:00"}]},
        {"weekly": [{"days": [1], "start": "22:00", "end": "02:00"}]},
        {"weekly": [{"days": [1], "start": "09:00", "end": "09:00"}]},
        {"weekly": [{"days": [1], "start": "09:00", "end": "00:00"}]},
        {"weekly": [{"days": [1], "start": "24:00", "end": "24:00"}]},
        {"weekly": [{"days": [1], "start": "9:00", "end": "17:00"}]},
        {"weekly": [{"days": [1], "start": "09:00:30", "end": "17:00"}]},
        {"weekly": [{"days": [7], "start": "09:00", "end": "17:00"}]},
        {"weekly": [{"days": [1, 1], "start": "09:00", "end": "17:00"}]},
        {"weekly": [{"days": [], "start": "09:00", "end": "17:00"}]},
        {
            "weekly": [
                {"days": [1, 2], "start": "09:00", "end": "12:00"},
                {"days": [2], "start": "11:59", "end": "13:00"},
            ]
        },
        {"overrides": [{"date": "2035-02-30", "start": "09:00", "end": "12:00"}]},
        {"overrides": [{"date": "2035-02-20", "start": "09:00"}]},
        {"overrides": [{"date": "2035-02-20"}, {"date": "2035-02-20", "start": "09:00", "end": "12:00"}]},
        {"timeZone": "Nowhere/Land"},
        {"name": ""},
        {"isDefault": 1},
    ],
    ids=str,
)
def test_hours_that_make_no_sense_are_refused(admin: Person, school: School, wrong: dict[str, Any]) -> None:
    asked = {"teacherId": school.teacher_id, "timeZone": "UTC", **wrong}
    assert refused(admin.post("/schedules", asked)) == (422, "invalid_request")
    assert refused(admin.patch(f"/schedules/{school.schedule_id}", wrong)) == (422, "invalid_request")
    assert audited(school.database) == []


def test_a_day_ends_at_24_and_hours_that_touch_are_one(teacher: Person, school: School, api: Api) -> None:
    weekly = [
        {"days": [2], "start": "22:00", "end": "23:00"},
        {"days": [2], "start": "23:00", "end": "24:00"},
        {"days": [3], "start": "00:00", "end": "01:00"},
    ]
    told = teacher.patch(f"/schedules/{school.schedule_id}", {"weekly": weekly}).json
    assert told["weekly"] == [weekly[2], *weekly[:2]]
    assert slots(api, school.lesson_id, "2035-01-09", "2035-01-10") == [
        *(f"01-09T{hour}:{half}" for hour in (22, 23) for half in ("00", "30")),
        "01-10T00:00",
        "01-10T00:30",
    ]
    stored = school.database.value("""SELECT max("endTime")::text FROM "Availability" """)
    assert stored == "23:59:00"


def test_a_date_has_hours_of_its_own_or_none(teacher: Person, school: School, api: Api) -> None:
    overrides = [
        {"date": "2035-01-09", "start": "06:00", "end": "07:00"},
        {"date": "2035-01-10"},
        {"date": "2035-01-13", "start": "08:00", "end": "08:30"},
    ]
    told = teacher.patch(f"/schedules/{school.schedule_id}", {"overrides": overrides}).json
    assert told["overrides"] == overrides
    shown = slots(api, school.lesson_id, "2035-01-09", "2035-01-14")
    assert [each for each in shown if each[:5] != "01-11" and each[:5] != "01-12"] == [
        "01-09T06:00",
        "01-09T06:30",
        "01-13T08:00",
    ]


def test_hours_are_in_the_schedules_zone(teacher: Person, school: School, api: Api) -> None:
    teacher.patch(f"/schedules/{school.schedule_id}", {"timeZone": "Europe/Paris", "weekly": MORNING})
    assert slots(api, school.lesson_id, "2035-01-09") == ["01-09T03:00", "01-09T03:30"]


def test_a_teacher_has_only_their_own_hours(admin: Person, teacher: Person, school: School) -> None:
    second = school.add_teacher()
    theirs = admin.get(f"/schedules?teacherId={second}").json["schedules"][0]
    assert theirs["teacher"]["id"] == second
    assert [each["id"] for each in teacher.get("/schedules").json["schedules"]] == [school.schedule_id]
    assert teacher.get(f"/schedules?teacherId={second}").json["schedules"] == []
    path = f"/schedules/{theirs['id']}"
    for answer in (teacher.get(path), teacher.patch(path, {"weekly": []}), teacher.delete(path)):
        assert refused(answer) == (404, "schedule_not_found")
    asked = {"timeZone": "UTC", "teacherId": second}
    assert refused(teacher.post("/schedules", asked)) == (404, "teacher_not_found")
    assert (
        refused(
            teacher.post("/out-of-office", {"start": "2035-01-09", "end": "2035-01-09", "teacherId": second})
        )[1]
        == "teacher_not_found"
    )
    assert schedule(teacher)["teacher"]["id"] == school.teacher_id


def test_nobody_enters_hours_for_a_student_or_another_school(admin: Person, school: School) -> None:
    student = school.database.value(
        """INSERT INTO users (email, "tenantId", uuid)
           VALUES ('s@x.test', :t, gen_random_uuid()) RETURNING id""",
        t=school.id,
    )
    lotus = make_school(school.database, "lotus")
    for somebody in (student, lotus.teacher_id):
        asked = {"timeZone": "UTC", "teacherId": somebody}
        assert refused(admin.post("/schedules", asked)) == (404, "teacher_not_found")
    assert refused(admin.get(f"/schedules/{lotus.schedule_id}")) == (404, "schedule_not_found")


def test_hours_in_use_are_not_deleted(admin: Person, school: School) -> None:
    answer = admin.delete(f"/schedules/{school.schedule_id}")
    assert (*refused(answer), answer.json["reason"]) == (409, "schedule_in_use", "default")
    other = schedule(admin, teacherId=school.teacher_id)["id"]
    (assignment,) = admin.get("/assignments").json["assignments"]
    admin.patch(f"/assignments/{assignment['id']}", {"scheduleId": other})
    answer = admin.delete(f"/schedules/{other}")
    assert (*refused(answer), answer.json["reason"]) == (409, "schedule_in_use", "assigned")
    admin.patch(f"/assignments/{assignment['id']}", {"scheduleId": None})
    assert admin.delete(f"/schedules/{other}").status == 204
    left = 'SELECT count(*) FROM "Availability" WHERE "scheduleId" IS NULL OR "scheduleId" = :s'
    assert school.database.value(left, s=other) == 0


def test_the_default_is_given_up_for_another_only(admin: Person, school: School) -> None:
    answer = admin.patch(f"/schedules/{school.schedule_id}", {"isDefault": False})
    assert refused(answer) == (422, "invalid_request")


def test_a_change_to_hours_that_changed_since_is_refused(teacher: Person, school: School) -> None:
    path = f"/schedules/{school.schedule_id}"
    seen = teacher.get(path).headers["etag"]
    assert teacher.patch(path, {"weekly": MORNING}, match=seen).status == 200
    assert refused(teacher.patch(path, {"weekly": []}, match=seen)) == (412, "precondition_failed")
    assert last_changes(school.database)["weekly"]["after"] == MORNING


def test_nothing_is_offered_of_days_away(teacher: Person, school: School, api: Api) -> None:
    asked = {"start": "2035-01-09", "end": "2035-01-10", "notes": "At the dentist's"}
    made = teacher.post("/out-of-office", asked, key="k")
    assert made.status == 201
    assert teacher.post("/out-of-office", asked, key="k").json == made.json
    days = {each[:5] for each in slots(api, school.lesson_id, "2035-01-08", "2035-01-12")}
    assert days == {"01-08", "01-11", "01-12"}
    path = f"/out-of-office/{made.json['id']}"
    assert teacher.patch(path, {"end": "2035-01-09"}, match=made.headers["etag"]).status == 200
    assert slots(api, school.lesson_id, "2035-01-10") != []
    assert "dentist" not in str(school.database.rows('SELECT changes FROM "AuditEvent"'))
    assert teacher.delete(path).status == 204
    assert len(slots(api, school.lesson_id, "2035-01-09")) == 16
    assert [action for action, _, _ in audited(school.database)] == [
        "absence.created",
        "absence.updated",
        "absence.deleted",
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": "2035-01-10", "end": "2035-01-09"},
        {"start": "2035-01-10"},
        {"start": "10.1.2035", "end": "2035-01-12"},
        {"start": "0001-01-01", "end": "9999-12-31"},
        {"start": 1, "end": 2},
    ],
    ids=str,
)
def test_days_that_make_no_sense_are_refused(teacher: Person, wrong: dict[str, Any]) -> None:
    assert refused(teacher.post("/out-of-office", wrong)) == (422, "invalid_request")


def test_absences_are_listed_from_a_day_on(admin: Person, teacher: Person, school: School) -> None:
    for month in ("01", "02", "03"):
        teacher.post("/out-of-office", {"start": f"2035-{month}-01", "end": f"2035-{month}-03"})

    def found(**query: Any) -> list[str]:
        return [each["start"] for each in admin.get(f"/out-of-office?{urlencode(query)}").json["absences"]]

    assert found(**{"from": "2035-02-03"}) == ["2035-02-01", "2035-03-01"]
    first = admin.get("/out-of-office?limit=2").json
    assert found(limit=2, cursor=first["nextCursor"]) == ["2035-03-01"]
    assert found(teacherId=school.admin_id) == []


def test_who_is_assigned_is_offered_in_the_hours_and_on_the_days_said(
    admin: Person, school: School, api: Api
) -> None:
    event_type = admin.post("/event-types", {"title": "Talk", "length": 30, "isPublished": True}).json["id"]
    hours = schedule(admin, teacherId=school.teacher_id)["id"]
    asked = {
        "eventTypeId": event_type,
        "teacherId": school.teacher_id,
        "scheduleId": hours,
        "recurrenceRule": {"freq": "WEEKLY", "interval": 2, "dtstart": "2035-01-15"},
    }
    made = admin.post("/assignments", asked)
    assert (made.status, made.json["isPublished"]) == (201, False)
    assert slots(api, event_type, "2035-01-08", "2035-02-05") == []
    admin.patch(f"/assignments/{made.json['id']}", {"isPublished": True}, match=made.headers["etag"])
    days = {each[:5] for each in slots(api, event_type, "2035-01-08", "2035-02-05")}
    assert days == {"01-16", "01-30"}
    admin.patch(f"/assignments/{made.json['id']}", {"recurrenceRule": None})
    days = {each[:5] for each in slots(api, event_type, "2035-01-08", "2035-01-24")}
    assert days == {"01-09", "01-16", "01-23"}
    assert admin.delete(f"/assignments/{made.json['id']}").status == 204
    assert slots(api, event_type, "2035-01-08", "2035-01-24") == []


def test_nobody_is_assigned_twice_or_with_anothers_hours(admin: Person, school: School) -> None:
    asked = {"eventTypeId": school.lesson_id, "teacherId": school.teacher_id}
    assert refused(admin.post("/assignments", asked)) == (409, "already_assigned")
    second = school.add_teacher()
    other = admin.post("/event-types", {"title": "Talk", "length": 30}).json["id"]
    theirs = {"eventTypeId": other, "teacherId": second, "scheduleId": school.schedule_id}
    assert refused(admin.post("/assignments", theirs)) == (404, "schedule_not_found")
    lotus = make_school(school.database, "lotus")
    foreign = {"eventTypeId": lotus.lesson_id, "teacherId": second}
    assert refused(admin.post("/assignments", foreign)) == (404, "event_type_not_found")
    foreign = {"eventTypeId": other, "teacherId": lotus.teacher_id}
    assert refused(admin.post("/assignments", foreign)) == (404, "teacher_not_found")


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"freq": 4},
        {"freq": "HOURLY"},
        {"freq": 2, "interval": 0},
        {"freq": 2, "until": "one day soon"},
        {"freq": 2, "byday": "MO"},
    ],
    ids=str,
)
def test_a_rule_that_nobody_understands_is_refused(
    admin: Person, school: School, rule: dict[str, Any]
) -> None:
    (assignment,) = admin.get("/assignments").json["assignments"]
    answer = admin.patch(f"/assignments/{assignment['id']}", {"recurrenceRule": rule})
    assert refused(answer) == (422, "invalid_request")


def test_a_teacher_sees_what_they_teach_and_assigns_nobody(
    admin: Person, teacher: Person, school: School
) -> None:
    school.add_teacher()
    assert len(admin.get("/assignments").json["assignments"]) == 2
    (own,) = teacher.get("/assignments").json["assignments"]
    assert own["teacher"]["id"] == school.teacher_id
    path = f"/assignments/{own['id']}"
    for answer in (teacher.post("/assignments", {}), teacher.patch(path, {}), teacher.delete(path)):
        assert refused(answer) == (403, "forbidden")
