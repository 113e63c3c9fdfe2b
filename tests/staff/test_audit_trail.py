"""Who changed what can be read, by admins, and holds no secret and nobody's address."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.schools import School, make_school
from tests.staff.people import Person, refused


def trail(admin: Person, **query: Any) -> list[dict[str, Any]]:
    answer = admin.get(f"/audit?{urlencode(query)}")
    assert answer.status == 200, answer
    events: list[dict[str, Any]] = answer.json["events"]
    return events


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 101},
        {"cursor": "x"},
        {"cursor": 1 << 63},
        {"actorId": 0},
        {"subjectType": "x; DROP"},
        {"from": "yesterday"},
        {"subject": "1"},
    ],
)
def test_a_filter_that_is_none_is_refused(admin: Person, query: dict[str, Any]) -> None:
    assert refused(admin.get(f"/audit?{urlencode(query)}")) == (422, "invalid_request")


def test_the_newest_comes_first_and_pages_follow(admin: Person, school: School) -> None:
    for title in ("One", "Two", "Three"):
        admin.patch(f"/event-types/{school.lesson_id}", {"title": title})
    first = admin.get("/audit?limit=2").json
    assert [each["changes"]["title"]["after"] for each in first["events"]] == ["Three", "Two"]
    (last,) = trail(admin, limit=2, cursor=first["nextCursor"])
    assert last["changes"] == {"title": {"before": "Conversation", "after": "One"}}
    assert (last["actor"], last["actorId"], last["actorName"]) == ("STAFF", school.admin_id, "Ada Admin")


def test_it_is_filtered_by_what_by_whom_and_when(admin: Person, teacher: Person, school: School) -> None:
    admin.patch(f"/event-types/{school.lesson_id}", {"title": "One"})
    teacher.patch(f"/schedules/{school.schedule_id}", {"weekly": []})

    def actions(**query: Any) -> list[str]:
        return [each["action"] for each in trail(admin, **query)]

    assert actions(actorId=school.teacher_id) == ["schedule.updated"]
    assert actions(subjectType="eventType", subjectId=school.lesson_id) == ["eventType.updated"]
    assert actions(action="schedule.updated") == ["schedule.updated"]
    assert actions(**{"from": "2000-01-01T00:00:00Z", "to": "2000-01-02T00:00:00Z"}) == []
    assert len(actions(**{"from": "2000-01-01T00:00:00Z"})) == 2


def test_another_schools_trail_is_not_there(admin: Person, school: School) -> None:
    lotus = make_school(school.database, "lotus")
    admin.patch(f"/event-types/{school.lesson_id}", {"title": "One"})
    admin.api.tenant = "lotus"
    assert trail(admin.named(lotus.admin_email)) == []


def test_keys_are_noted_as_changed_and_never_told(admin: Person, school: School) -> None:
    asked = {"publishableKey": "pk_test_open"}
    assert admin.put("/settings/stripe", asked).status == 200
    (event,) = trail(admin)
    assert event["action"] == "stripeSettings.updated"
    assert event["changes"]["publishableKey"] == {"before": None, "after": "pk_test_open"}


def test_a_super_admins_deeds_are_noted_as_such(admin: Person, school: School) -> None:
    school.database.rows(
        """INSERT INTO users (email, name, "tenantId", "tenantRole", uuid)
           SELECT 'root@platform.test', 'Root', id, 'SUPER_ADMIN', gen_random_uuid()
           FROM "Tenant" WHERE subdomain = 'default'"""
    )
    root = admin.named("root@platform.test")
    made = root.post("/event-types", {"title": "Talk", "length": 30})
    assert made.status == 201
    (event,) = trail(admin)
    assert (event["actor"], event.get("actorName")) == ("SUPER_ADMIN", None)
    asked = {"timeZone": "UTC"}
    assert refused(root.post("/schedules", asked)) == (422, "invalid_request")


def test_a_teachers_name_is_not_in_what_is_noted_of_their_hours(
    admin: Person, teacher: Person, school: School
) -> None:
    admin.post("/schedules", {"timeZone": "UTC", "weekly": [], "teacherId": school.teacher_id})
    teacher.post("/out-of-office", {"start": "2036-01-01", "end": "2036-01-02"})
    noted = school.database.rows('SELECT changes FROM "AuditEvent" ORDER BY id')
    assert [row["changes"]["teacher"]["after"] for row in noted] == [{"id": school.teacher_id}] * 2
