"""A free lesson is booked, seen by its holder, and kept by the database."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from tests.bookings.requests import MAI, lesson, next_monday
from tests.databases import TestDatabase
from tests.functions import Api
from tests.schools import School, make_school


def test_a_booking_is_told_in_the_students_zone(api: Api, school: School) -> None:
    answer = api.post("/v1/bookings", lesson(school, next_monday(9)))
    assert answer.status == 201
    assert answer.json["status"] == "accepted"
    assert answer.json["start"].endswith("+07:00")
    start, end = (datetime.fromisoformat(answer.json[name]) for name in ("start", "end"))
    assert start == next_monday(9)
    assert end - start == timedelta(minutes=30)
    assert answer.json["teacher"] == {"id": school.teacher_id, "name": "Teacher 1"}
    assert answer.headers["location"] == f"/v1/bookings/{answer.json['uid']}"
    assert answer.headers["cache-control"] == "no-store"


def test_everything_of_a_booking_is_written_together(
    api: Api, school: School, database: TestDatabase
) -> None:
    uid = api.post("/v1/bookings", lesson(school, next_monday(9), notes="Hello")).json["uid"]
    (booking,) = database.rows('SELECT * FROM "Booking"')
    (attendee,) = database.rows('SELECT * FROM "Attendee"')
    (place,) = database.rows('SELECT * FROM "TeacherOccupancy"')
    told = database.rows('SELECT topic, payload FROM "OutboxMessage" ORDER BY id')
    (usage,) = database.rows('SELECT * FROM "TenantUsage"')
    assert booking["uid"] == uid
    assert booking["tenantId"] == attendee["tenantId"] == place["tenantId"] == school.id
    assert booking["startTime"] == next_monday(9).astimezone(UTC).replace(tzinfo=None)
    assert (booking["description"], attendee["email"]) == ("Hello", MAI["email"])
    assert place["bookingId"] == attendee["bookingId"] == booking["id"]
    assert {row["topic"] for row in told} == {"booking.created"}
    of_booking = {"bookingId": booking["id"]}
    assert [row["payload"] for row in told] == [of_booking, {**of_booking, "to": "teacher"}]
    assert booking["refundableUntil"] == booking["startTime"] - timedelta(hours=12)
    assert booking["holdExpiresAt"] is None
    assert usage["bookingsCount"] == 1


def test_the_same_time_is_refused_to_the_next(api: Api, school: School) -> None:
    api.post("/v1/bookings", lesson(school, next_monday(9)))
    answer = api.post("/v1/bookings", lesson(school, next_monday(9)))
    assert (answer.status, answer.code) == (409, "slot_taken")


def test_an_address_is_kept_in_lower_case(api: Api, school: School, database: TestDatabase) -> None:
    body = lesson(school, next_monday(9), attendee={**MAI, "email": " Mai@Example.COM "})
    assert api.post("/v1/bookings", body).status == 201
    assert database.value('SELECT email FROM "Attendee"') == "mai@example.com"


def test_who_is_on_the_list_books_and_it_is_noted(api: Api, school: School, database: TestDatabase) -> None:
    school.change("EventType", school.lesson_id, whitelistEnabled=True)
    school.allow(MAI["email"])
    assert api.post("/v1/bookings", lesson(school, next_monday(9))).status == 201
    assert database.value('SELECT "whitelistVerified" FROM "Booking"')


def test_the_last_booking_of_the_plan_is_taken_and_the_next_is_not(api: Api, school: School) -> None:
    school.change("Tenant", school.id, maxBookingsPerMonth=2)
    answers = [api.post("/v1/bookings", lesson(school, next_monday(hour))) for hour in (9, 10, 11)]
    assert [answer.status for answer in answers] == [201, 201, 403]
    assert (answers[2].json["used"], answers[2].json["allowed"]) == (2, 2)


def test_what_asks_for_confirmation_is_pending_and_holds_its_time(api: Api, school: School) -> None:
    school.change("EventType", school.lesson_id, requiresConfirmation=True)
    assert api.post("/v1/bookings", lesson(school, next_monday(9))).json["status"] == "pending"
    assert api.post("/v1/bookings", lesson(school, next_monday(9))).code == "slot_taken"


def test_buffers_keep_the_neighbours_away(api: Api, school: School) -> None:
    school.change("EventType", school.lesson_id, beforeEventBuffer=5, afterEventBuffer=10)
    statuses = [
        api.post("/v1/bookings", lesson(school, next_monday(*at))).status
        for at in ((10, 0), (9, 30), (10, 30), (9, 0), (11, 0))
    ]
    assert statuses == [201, 409, 409, 201, 201]


def test_a_named_teacher_is_booked_and_nobody_else(api: Api, school: School) -> None:
    second = school.add_teacher()
    answers = [api.post("/v1/bookings", lesson(school, next_monday(9), teacherId=second)) for _ in range(2)]
    assert answers[0].json["teacher"]["id"] == second
    assert answers[1].code == "slot_taken"


def test_any_teacher_means_whoever_has_least_to_do_around_it(api: Api, school: School) -> None:
    school.add_teacher()
    times = [next_monday(9) + timedelta(minutes=30 * number) for number in range(8)]
    booked = [api.post("/v1/bookings", lesson(school, start)).json["teacher"]["id"] for start in times]
    assert [booked.count(teacher) for teacher in school.teachers] == [4, 4]


def test_any_teacher_means_each_until_nobody_is_left(api: Api, school: School) -> None:
    school.add_teacher()
    answers = [api.post("/v1/bookings", lesson(school, next_monday(9))) for _ in range(3)]
    assert {answer.json["teacher"]["id"] for answer in answers[:2]} == set(school.teachers)
    assert answers[2].code == "slot_taken"


@pytest.mark.parametrize("host", ["aurora.booking.test", "AURORA.booking.test", "learn.aurora.example"])
def test_the_host_names_the_school(api: Api, school: School, host: str) -> None:
    school.change("Tenant", school.id, customDomain="learn.aurora.example")
    api.tenant = None
    assert api.post("/v1/bookings", lesson(school, next_monday(9)), host=host).status == 201


def test_the_holder_sees_the_booking(api: Api, school: School) -> None:
    made = api.post("/v1/bookings", lesson(school, next_monday(9))).json
    by_header = api.get(f"/v1/bookings/{made['uid']}", headers={"X-Manage-Token": made["manageToken"]})
    by_link = api.get(f"/v1/bookings/{made['uid']}?manageToken={made['manageToken']}")
    assert by_header.status == 200
    assert by_header.json == by_link.json
    assert by_header.json["attendee"] == {**MAI, "locale": "en"}
    assert "manageToken" not in by_header.text


@pytest.mark.parametrize("token", ["", "wrong", "wröng"])
def test_without_its_token_a_booking_is_as_absent_as_one_that_never_was(
    api: Api, school: School, token: str
) -> None:
    uid = api.post("/v1/bookings", lesson(school, next_monday(9))).json["uid"]
    hidden = api.get(f"/v1/bookings/{uid}", headers={"X-Manage-Token": token})
    absent = api.get("/v1/bookings/nothing", headers={"X-Manage-Token": token})
    assert hidden.code == absent.code == "booking_not_found"
    assert {**hidden.json, "requestId": ""} == {**absent.json, "requestId": ""}


def test_of_a_school_that_does_not_exist_there_is_no_booking(api: Api, school: School) -> None:
    api.tenant = "nobody"
    assert api.get("/v1/bookings/nothing").code == "tenant_not_found"


def test_at_another_school_the_token_opens_nothing(api: Api, school: School) -> None:
    make_school(school.database, "lotus")
    made = api.post("/v1/bookings", lesson(school, next_monday(9))).json
    api.tenant = "lotus"
    answer = api.get(f"/v1/bookings/{made['uid']}", headers={"X-Manage-Token": made["manageToken"]})
    assert answer.code == "booking_not_found"


def test_a_booking_of_calcoms_has_no_token_that_opens_it(
    api: Api, school: School, database: TestDatabase
) -> None:
    database.rows(
        """INSERT INTO "Booking" (uid, "userId", title, "startTime", "endTime")
           VALUES ('theirs', :u, 'Theirs', now(), now() + interval '1 hour')""",
        u=school.teacher_id,
    )
    assert api.get("/v1/bookings/theirs").code == "booking_not_found"


def test_the_calendar_file_tells_the_same_time_to_every_calendar(api: Api, school: School) -> None:
    body = lesson(school, next_monday(9), notes="Bring; a, book\nand a pen")
    made = api.post("/v1/bookings", body).json
    answer = api.get(f"/v1/bookings/{made['uid']}/calendar.ics?manageToken={made['manageToken']}")
    assert answer.headers["content-type"].startswith("text/calendar")
    (event,) = Calendar.from_ical(answer.text).walk("VEVENT")
    assert event.decoded("DTSTART") == next_monday(9)
    assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(minutes=30)
    assert str(event["DESCRIPTION"]) == "Bring; a, book\nand a pen"
    assert (str(event["STATUS"]), str(event["UID"])) == ("CONFIRMED", f"{made['uid']}@booking")


def test_without_the_token_there_is_no_calendar_file(api: Api, school: School) -> None:
    uid = api.post("/v1/bookings", lesson(school, next_monday(9))).json["uid"]
    assert api.get(f"/v1/bookings/{uid}/calendar.ics").code == "booking_not_found"
