"""What the staff sees and notes: a teacher their own bookings, an admin all of the school."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.bookings.life import Staff, book, cancel, events, pay, row_of
from tests.bookings.requests import MAI, next_monday
from tests.databases import TestDatabase
from tests.functions import Answer, Api
from tests.schools import School, make_school

At = Callable[[datetime], None]

LAN = {**MAI, "name": "Lan Pham", "email": "lan@example.com"}


def found(staff: Staff, **query: Any) -> list[str]:
    """The uids that a list has."""
    answer = staff.get(f"?{urlencode(query)}")
    assert answer.status == 200, answer
    return [booking["uid"] for booking in answer.json["bookings"]]


@pytest.mark.parametrize("path", ["", "/some"])
def test_students_and_strangers_see_nothing(admin: Staff, school: School, path: str) -> None:
    stranger = admin.named("nobody@aurora.test")
    assert (stranger.get(path).status, stranger.get(path).code) == (403, "forbidden")
    assert admin.api.get(f"/v1/admin/bookings{path}").code == "unauthorized"


@pytest.mark.parametrize("change", ["confirm", "reject", "cancel", "reschedule", "no-show"])
def test_students_and_strangers_change_nothing(
    api: Api, admin: Staff, school: School, database: TestDatabase, change: str
) -> None:
    made = book(api, school, next_monday(9))
    answer = admin.named("nobody@aurora.test").post(f"/{made['uid']}/{change}", {"host": True})
    assert (answer.status, answer.code) == (403, "forbidden")
    assert events(database) == []


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 101},
        {"cursor": "1"},
        {"cursor": "1-1; DROP TABLE users"},
        {"status": "gone"},
        {"from": "2030-01-01"},
        {"to": "soon"},
        {"teacherId": 0},
        {"email": "mai"},
        {"tenantId": 1},
    ],
)
def test_a_filter_that_is_none_is_refused(admin: Staff, school: School, query: dict[str, Any]) -> None:
    answer = admin.get(f"?{urlencode(query)}")
    assert (answer.status, answer.code) == (422, "invalid_request")


def test_another_schools_booking_is_not_there(
    api: Api, admin: Staff, school: School, database: TestDatabase
) -> None:
    lotus = make_school(database, "lotus")
    api.tenant = "lotus"
    theirs = book(api, lotus, next_monday(9))
    assert found(admin) == []
    for answer in (admin.get(f"/{theirs['uid']}"), admin.post(f"/{theirs['uid']}/cancel")):
        assert answer.code == "booking_not_found"
    assert row_of(database, theirs["uid"])["status"] == "accepted"


def change_of_everything(staff: Staff, uid: str) -> list[Answer]:
    later = next_monday(15).isoformat()
    return [
        staff.get(f"/{uid}"),
        staff.post(f"/{uid}/confirm"),
        staff.post(f"/{uid}/reject"),
        staff.post(f"/{uid}/cancel"),
        staff.post(f"/{uid}/reschedule", {"start": later}),
        staff.post(f"/{uid}/no-show", {"host": True}),
    ]


def test_to_a_teacher_a_colleagues_booking_is_not_there(
    api: Api, admin: Staff, school: School, database: TestDatabase
) -> None:
    second = school.add_teacher()
    mine = book(api, school, next_monday(9), teacherId=school.teacher_id)
    theirs = book(api, school, next_monday(9), teacherId=second)
    teacher = admin.named("teacher1@aurora.test")
    assert found(teacher) == [mine["uid"]]
    assert found(teacher, teacherId=second) == []
    assert {answer.code for answer in change_of_everything(teacher, theirs["uid"])} == {"booking_not_found"}
    assert row_of(database, theirs["uid"])["status"] == "accepted"
    assert teacher.post(f"/{mine['uid']}/cancel").json["status"] == "cancelled"
    assert events(database)[0][1:3] == ("STAFF", school.teacher_id)


def test_a_teacher_gives_no_booking_away(
    api: Api, admin: Staff, school: School, database: TestDatabase
) -> None:
    second = school.add_teacher()
    mine = book(api, school, next_monday(9), teacherId=school.teacher_id)
    teacher, body = admin.named("teacher1@aurora.test"), {"start": next_monday(10).isoformat()}
    refused = teacher.post(f"/{mine['uid']}/reschedule", {**body, "teacherId": second})
    assert (refused.status, refused.code) == (403, "forbidden")
    assert row_of(database, mine["uid"])["status"] == "accepted"
    assert teacher.post(f"/{mine['uid']}/reschedule", body).status == 201


def test_a_super_admin_acts_at_a_school_without_being_of_it(
    api: Api, admin: Staff, school: School, database: TestDatabase
) -> None:
    database.rows(
        """INSERT INTO users (email, name, "tenantId", "tenantRole", uuid)
           SELECT 'root@platform.test', 'Root', id, 'SUPER_ADMIN', gen_random_uuid()
           FROM "Tenant" WHERE subdomain = 'default'"""
    )
    made = book(api, school, next_monday(9))
    assert admin.named("root@platform.test").post(f"/{made['uid']}/cancel").json["status"] == "cancelled"
    assert events(database) == [("CANCELLED", "STAFF", None, None)]


def test_each_filter_leaves_what_it_says(api: Api, admin: Staff, school: School) -> None:
    second, other = school.add_teacher(), school.add_event_type("other")
    nine = book(api, school, next_monday(9), teacherId=school.teacher_id)["uid"]
    ten = book(api, school, next_monday(10), teacherId=second, attendee=LAN)["uid"]
    eleven = book(api, school, next_monday(11), eventTypeId=other, teacherId=second)
    cancel(api, eleven)
    assert found(admin) == [nine, ten, eleven["uid"]]
    assert found(admin, status="cancelled") == [eleven["uid"]]
    assert found(admin, teacherId=second) == [ten, eleven["uid"]]
    assert found(admin, eventTypeId=other) == [eleven["uid"]]
    assert found(admin, email="LAN@example.com") == [ten]
    assert found(admin, **{"from": next_monday(10).isoformat()}) == [ten, eleven["uid"]]
    assert found(admin, to=next_monday(10).isoformat()) == [nine]
    assert found(admin, status="accepted", teacherId=second, email=MAI["email"]) == []


def test_pages_follow_one_another_without_a_gap(
    api: Api, admin: Staff, school: School, database: TestDatabase
) -> None:
    school.add_teacher()
    for hour in (10, 9, 11):
        for teacher in school.teachers:
            book(api, school, next_monday(hour), teacherId=teacher)
    uids, cursor = [], ""
    for _ in range(4):
        page = admin.get(f"?limit=2{cursor}").json
        uids += [booking["uid"] for booking in page["bookings"]]
        if "nextCursor" not in page:
            break
        cursor = f"&cursor={page['nextCursor']}"
    rows = database.rows('SELECT uid FROM "Booking" ORDER BY "startTime", id')
    assert uids == [row["uid"] for row in rows]


def test_a_list_tells_when_with_whom_and_who(api: Api, admin: Staff, school: School) -> None:
    made = book(api, school, next_monday(9))
    (seen,) = admin.get("").json["bookings"]
    assert datetime.fromisoformat(seen["start"]) == next_monday(9)
    assert seen["start"].endswith("Z")
    assert seen["teacher"] == {"id": school.teacher_id, "name": "Teacher 1"}
    assert seen["attendee"] == {**MAI, "locale": "en", "noShow": False}
    assert (seen["uid"], seen["eventType"]["id"]) == (made["uid"], school.lesson_id)


def test_nothing_that_the_staff_sees_has_the_token(api: Api, admin: Staff, school: School) -> None:
    made = book(api, school, next_monday(9))
    assert made["manageToken"] not in admin.get("").text + admin.get(f"/{made['uid']}").text


def test_a_booking_tells_what_was_paid(api: Api, admin: Staff, school: School) -> None:
    made = book(api, school, next_monday(9))
    pay(school, made["uid"])
    seen = admin.get(f"/{made['uid']}").json
    assert seen["payments"] == [{"amount": 1500, "currency": "eur", "paid": True, "refunded": False}]
    assert seen["refunds"] == []


@pytest.mark.parametrize("body", [{}, {"attendee": None}, {"attendee": "yes"}, {"student": True}])
def test_a_no_show_of_nobody_is_refused(api: Api, admin: Staff, school: School, at: At, body: Any) -> None:
    made = book(api, school, next_monday(9))
    at(next_monday(10))
    assert admin.post(f"/{made['uid']}/no-show", body).code == "invalid_request"


def test_before_the_start_nobody_is_missing(api: Api, admin: Staff, school: School, at: At) -> None:
    made = book(api, school, next_monday(9))
    at(next_monday(9) - timedelta(seconds=1))
    answer = admin.post(f"/{made['uid']}/no-show", {"attendee": True})
    assert (answer.status, answer.code) == (409, "booking_not_begun")


def test_at_what_was_cancelled_nobody_is_missing(api: Api, admin: Staff, school: School, at: At) -> None:
    made = book(api, school, next_monday(9))
    cancel(api, made)
    at(next_monday(10))
    assert admin.post(f"/{made['uid']}/no-show", {"attendee": True}).code == "booking_not_active"


def test_who_did_not_come_is_noted_once_and_taken_back(
    api: Api, admin: Staff, school: School, database: TestDatabase, at: At
) -> None:
    made = book(api, school, next_monday(9))
    at(next_monday(9))
    for _ in range(2):
        seen = admin.post(f"/{made['uid']}/no-show", {"attendee": True}).json
        assert (seen["attendee"]["noShow"], seen["noShowHost"]) == (True, False)
    seen = admin.post(f"/{made['uid']}/no-show", {"attendee": False, "host": True}).json
    assert (seen["attendee"]["noShow"], seen["noShowHost"]) == (False, True)
    assert [(kind, details) for kind, _, _, details in events(database)] == [
        ("NO_SHOW", {"who": ["attendee"]}),
        ("NO_SHOW", {"who": ["host"]}),
        ("NO_SHOW_UNDONE", {"who": ["attendee"]}),
    ]
