"""An admin takes on those who teach, changes who they are, and lets them go and come back."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.bookings.life import messages
from tests.bookings.requests import lesson, next_monday
from tests.functions import Api
from tests.schools import School, make_school
from tests.staff.people import Person, audited, last_changes, refused
from tests.workshops.workshop import make_workshop

TESS = {"name": "Tess", "email": "tess@example.com", "timeZone": "Asia/Tokyo", "locale": "vi"}


def made(admin: Person, **more: Any) -> dict[str, Any]:
    answer = admin.post("/teachers", {**TESS, **more})
    assert answer.status == 201, answer
    told: dict[str, Any] = answer.json
    return told


def free(api: Api, event_type: int) -> list[str]:
    """The starts on the Monday to come."""
    day = next_monday(9).date().isoformat()
    query = urlencode({"start": day, "end": day, "timeZone": "America/New_York"})
    return [slot["start"] for slot in api.get(f"/v1/event-types/{event_type}/slots?{query}").json["slots"]]


def test_a_teacher_sees_and_changes_no_teacher(teacher: Person, school: School) -> None:
    path = f"/teachers/{school.teacher_id}"
    for answer in (
        teacher.get("/teachers"),
        teacher.get(path),
        teacher.post("/teachers", TESS),
        teacher.patch(path, {"name": "Boss"}),
        *(teacher.post(f"{path}/{change}") for change in ("invite", "lock", "unlock")),
    ):
        assert refused(answer) == (403, "forbidden")
    assert audited(school.database) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "Tess\r\nBcc: all@example.com"},
        {"email": "tess"},
        {"timeZone": "Mars/Olympus"},
        {"locale": "english"},
        {"tenantRole": "TENANT_ADMIN"},
        {"role": "SUPER_ADMIN"},
        {"tenantId": 1},
    ],
    ids=str,
)
def test_what_cannot_be_is_refused(admin: Person, school: School, wrong: dict[str, str]) -> None:
    assert refused(admin.post("/teachers", {**TESS, **wrong})) == (422, "invalid_request")
    assert refused(admin.patch(f"/teachers/{school.teacher_id}", wrong)) == (422, "invalid_request")
    assert audited(school.database) == []


@pytest.mark.parametrize("whose", ["admin@lotus.test", "Teacher1@Aurora.test", "student@aurora.test"])
def test_an_address_in_use_is_refused_and_where_is_not_told(
    admin: Person, school: School, whose: str
) -> None:
    make_school(school.database, "lotus")
    school.database.rows(
        """INSERT INTO users (email, "tenantId", uuid)
           VALUES ('student@aurora.test', :t, gen_random_uuid())""",
        t=school.id,
    )
    answer = admin.post("/teachers", {**TESS, "email": whose})
    assert refused(answer) == (409, "email_taken")
    assert set(answer.json) == {"type", "title", "status", "code", "requestId"}
    mine = made(admin)["id"]
    assert refused(admin.patch(f"/teachers/{mine}", {"email": whose})) == (409, "email_taken")


def test_a_new_teacher_has_hours_and_an_invitation_and_signs_in(admin: Person, school: School) -> None:
    told = made(admin)
    assert {name: told[name] for name in TESS} == TESS
    assert told["isLocked"] is False
    hours = school.database.rows(
        """SELECT v.days, v."startTime"::text AS start, v."endTime"::text AS until,
                  s."timeZone" AS zone
           FROM "Availability" v JOIN "Schedule" s ON s.id = v."scheduleId" WHERE s.id = :id""",
        id=told["defaultScheduleId"],
    )
    assert hours == [
        {"days": [1, 2, 3, 4, 5], "start": "09:00:00", "until": "17:00:00", "zone": "Asia/Tokyo"}
    ]
    assert messages(school.database) == [("staff.invited", {"userId": told["id"]})]
    assert admin.named(TESS["email"]).get("/me").json["role"] == "TEACHER"
    assert audited(school.database) == [("teacher.created", "teacher", str(told["id"]))]


def test_the_same_key_makes_one(admin: Person, school: School) -> None:
    first, again = (admin.post("/teachers", TESS, key="k") for _ in range(2))
    assert (first.status, first.json) == (again.status, again.json)
    assert len(messages(school.database)) == 1


def test_the_plan_counts_those_who_are_not_locked(admin: Person, school: School) -> None:
    school.change("Tenant", school.id, maxTeachers=2)
    second = made(admin)["id"]
    answer = admin.post("/teachers", {**TESS, "email": "third@example.com"})
    assert refused(answer) == (403, "plan_limit_reached")
    assert (answer.json["limit"], answer.json["used"], answer.json["allowed"]) == ("maxTeachers", 2, 2)
    assert messages(school.database) == [("staff.invited", {"userId": second})]
    admin.post(f"/teachers/{second}/lock")
    assert made(admin, email="third@example.com")["id"]
    assert refused(admin.post(f"/teachers/{second}/unlock")) == (403, "plan_limit_reached")


def test_a_change_is_told_without_names_in_the_trail(admin: Person, school: School) -> None:
    path = f"/teachers/{school.teacher_id}"
    seen = admin.get(path)
    after = admin.patch(path, {"name": "Tess Tran", "timeZone": "Asia/Tokyo"}, match=seen.headers["etag"])
    assert (after.json["name"], after.json["email"]) == ("Tess Tran", seen.json["email"])
    assert last_changes(school.database) == {
        "name": "changed",
        "timeZone": {"before": "America/New_York", "after": "Asia/Tokyo"},
    }
    stale = admin.patch(path, {"name": "X"}, match=seen.headers["etag"])
    assert refused(stale) == (412, "precondition_failed")
    assert messages(school.database) == []


def test_a_new_address_is_invited_anew(admin: Person, school: School) -> None:
    admin.patch(f"/teachers/{school.teacher_id}", {"email": "New@example.com"})
    assert messages(school.database) == [("staff.invited", {"userId": school.teacher_id})]
    assert admin.named("new@example.com").get("/me").status == 200
    assert admin.named("teacher1@aurora.test").get("/me").status == 403


def test_an_invitation_is_sent_again_but_not_for_ever(admin: Person, school: School) -> None:
    path = f"/teachers/{school.teacher_id}/invite"
    answers = [admin.post(path) for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert len(messages(school.database)) == 3


def test_a_locked_teacher_is_neither_booked_nor_signed_in_and_what_is_booked_is_told(
    admin: Person, teacher: Person, school: School, api: Api
) -> None:
    workshop = make_workshop(school)
    workshop.add_session(1)
    booked = api.post("/v1/bookings", lesson(school, next_monday(9))).json
    seat = api.post("/v1/bookings", workshop.seat()).json
    answer = admin.post(f"/teachers/{school.teacher_id}/lock")
    assert (answer.status, answer.json["isLocked"]) == (200, True)
    assert [each["uid"] for each in answer.json["upcomingBookings"]] == [booked["uid"], seat["uid"]]
    (session,) = answer.json["upcomingSessions"]
    assert (session["sessionNumber"], session["seatsTaken"]) == (1, 1)
    assert refused(teacher.get("/me")) == (403, "forbidden")
    assert free(api, school.lesson_id) == []
    statuses = school.database.rows('SELECT status::text FROM "Booking"')
    assert [row["status"] for row in statuses] == ["accepted", "accepted"]


def test_sessions_of_a_locked_teacher_take_nobody_in(admin: Person, school: School, api: Api) -> None:
    workshop = make_workshop(school, seats=1)
    workshop.add_session(1, seats=1)
    workshop.add_session(2, seats=1)
    mine = api.post("/v1/bookings", workshop.seat(1)).json
    workshop.wait(api, 1)
    admin.post(f"/teachers/{school.teacher_id}/lock")
    told = api.get(workshop.path).json["sessions"]
    assert [(each["bookable"], each["reason"]) for each in told] == [(False, "no_teacher")] * 2
    refusals = [
        api.post("/v1/bookings", workshop.seat(2, who=1)),
        workshop.wait(api, 1, who=3),
        api.post(
            f"/v1/bookings/{mine['uid']}/reschedule",
            {"sessionNumber": 2},
            headers={"x-manage-token": mine["manageToken"]},
        ),
    ]
    assert [(each.code, each.json["reason"]) for each in refusals] == [("session_closed", "no_teacher")] * 3
    assert api.post("/v1/bookings", workshop.series(who=4)).code == "session_not_found"
    api.post(f"/v1/bookings/{mine['uid']}/cancel", {}, headers={"x-manage-token": mine["manageToken"]})
    assert workshop.entries() == ["WAITING"]
    admin.post(f"/teachers/{school.teacher_id}/unlock")
    assert api.post("/v1/bookings", workshop.seat(2, who=1)).status == 201


def test_locking_twice_is_noted_once(admin: Person, school: School) -> None:
    for change in ("lock", "lock", "unlock", "unlock"):
        assert admin.post(f"/teachers/{school.teacher_id}/{change}").status == 200
    assert [action for action, _, _ in audited(school.database)] == ["teacher.locked", "teacher.unlocked"]


def test_nobody_but_teachers_is_changed_here(admin: Person, school: School) -> None:
    theirs = make_school(school.database, "lotus").teacher_id
    for other in (school.admin_id, theirs, 2_000_000):
        path = f"/teachers/{other}"
        for answer in (admin.get(path), admin.patch(path, {"name": "X"}), admin.post(f"{path}/lock")):
            assert refused(answer) == (404, "teacher_not_found")


def test_they_are_listed_by_pages_and_filters(admin: Person, school: School) -> None:
    ids = [
        school.teacher_id,
        *(made(admin, name=f"T {n}", email=f"t{n}@example.com")["id"] for n in range(2)),
    ]
    admin.post(f"/teachers/{ids[1]}/lock")

    def found(**query: Any) -> list[int]:
        return [each["id"] for each in admin.get(f"/teachers?{urlencode(query)}").json["teachers"]]

    first = admin.get("/teachers?limit=2").json
    assert found(limit=2, cursor=first["nextCursor"]) == ids[2:]
    assert found(locked="true") == [ids[1]]
    assert found(search="T1@EXAMPLE") == [ids[2]]
