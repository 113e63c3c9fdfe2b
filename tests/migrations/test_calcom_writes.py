"""Cal.com goes on writing without knowing of schools: its rows land in the right one, by the rules."""

import pytest
from sqlalchemy.exc import DBAPIError

from shared.sqlstates import EXCLUSION_VIOLATION, sqlstate
from tests.databases import TestDatabase
from tests.schools import School, make_school

BOOKING = """
    INSERT INTO "Booking" (uid, "userId", "eventTypeId", title, "startTime", "endTime", status,
                           "fromReschedule")
    VALUES (:uid, :user, :event_type, 'Theirs', CAST(:start AS timestamp), CAST(:end AS timestamp),
            CAST(:status AS "BookingStatus"), :replaces)
    RETURNING "tenantId"
"""


def book(
    database: TestDatabase,
    uid: str,
    start: str,
    end: str,
    *,
    user: int | None,
    event_type: int | None = None,
    status: str = "accepted",
    replaces: str | None = None,
) -> int:
    """What Cal.com inserts on a day in 2030, `HH:MM` to `HH:MM`; the tenant that it got."""
    return int(
        database.value(
            BOOKING,
            uid=uid,
            user=user,
            event_type=event_type,
            start=f"2030-05-06 {start}",
            end=f"2030-05-06 {end}",
            status=status,
            replaces=replaces,
        )
    )


def default_tenant(database: TestDatabase) -> int:
    return int(database.value("SELECT id FROM \"Tenant\" WHERE subdomain = 'default'"))


def test_a_double_booking_of_a_host_is_refused_by_the_database(
    database: TestDatabase, school: School
) -> None:
    book(database, "one", "09:00", "10:00", user=school.teacher_id)
    with pytest.raises(DBAPIError) as refused:
        book(database, "two", "09:30", "10:30", user=school.teacher_id)
    assert sqlstate(refused.value) == EXCLUSION_VIOLATION


def test_an_accepted_booking_cannot_be_moved_onto_another(database: TestDatabase, school: School) -> None:
    book(database, "one", "09:00", "10:00", user=school.teacher_id)
    book(database, "two", "10:00", "11:00", user=school.teacher_id)
    with pytest.raises(DBAPIError) as refused:
        database.rows("""UPDATE "Booking" SET "startTime" = "startTime" - interval '5 minutes'
                         WHERE uid = 'two'""")
    assert sqlstate(refused.value) == EXCLUSION_VIOLATION


def test_a_pending_request_cannot_be_accepted_onto_a_taken_time(
    database: TestDatabase, school: School
) -> None:
    book(database, "asked", "09:00", "10:00", user=school.teacher_id, status="pending")
    book(database, "one", "09:00", "10:00", user=school.teacher_id)
    with pytest.raises(DBAPIError) as refused:
        database.rows("""UPDATE "Booking" SET status = 'accepted' WHERE uid = 'asked'""")
    assert sqlstate(refused.value) == EXCLUSION_VIOLATION


def test_a_booking_gets_the_tenant_of_its_event_type_else_its_user_else_the_default(
    database: TestDatabase, school: School
) -> None:
    assert book(database, "a", "09:00", "10:00", user=None, event_type=school.lesson_id) == school.id
    assert book(database, "b", "09:00", "10:00", user=school.teacher_id) == school.id
    assert book(database, "c", "09:00", "10:00", user=None) == default_tenant(database)


def test_a_user_of_calcoms_is_a_teacher_of_the_default_school(database: TestDatabase) -> None:
    (user,) = database.rows(
        """INSERT INTO users (email, uuid) VALUES ('host@example.com', gen_random_uuid())
           RETURNING "tenantId", "tenantRole\""""
    )
    assert user == {"tenantId": default_tenant(database), "tenantRole": "TEACHER"}


def test_everything_that_hangs_on_a_row_gets_its_tenant(database: TestDatabase, school: School) -> None:
    event_type = database.rows(
        """INSERT INTO "EventType" (title, slug, length, "userId") VALUES ('x', 'x', 15, :u)
           RETURNING id, "tenantId\"""",
        u=school.teacher_id,
    )[0]
    schedule = database.rows(
        """INSERT INTO "Schedule" ("userId", name) VALUES (:u, 'x') RETURNING id, "tenantId\"""",
        u=school.teacher_id,
    )[0]
    hours = database.value(
        """INSERT INTO "Availability" ("scheduleId", days, "startTime", "endTime")
           VALUES (:s, '{1}', '09:00', '10:00') RETURNING "tenantId\"""",
        s=schedule["id"],
    )
    book(database, "b", "09:00", "10:00", user=school.teacher_id)
    attendee = database.value(
        """INSERT INTO "Attendee" (email, name, "timeZone", "bookingId")
           SELECT 'a@example.com', 'A', 'UTC', id FROM "Booking" WHERE uid = 'b' RETURNING "tenantId\""""
    )
    assert {event_type["tenantId"], schedule["tenantId"], hours, attendee} == {school.id}


def test_a_reschedule_may_overlap_the_booking_it_replaces(database: TestDatabase, school: School) -> None:
    book(database, "old", "09:00", "10:00", user=school.teacher_id)
    book(database, "new", "09:30", "10:30", user=school.teacher_id, replaces="old")
    assert database.value('SELECT count(*) FROM "TeacherOccupancy"') == 1


def test_a_cancelled_booking_frees_its_time(database: TestDatabase, school: School) -> None:
    book(database, "one", "09:00", "10:00", user=school.teacher_id)
    database.rows("""UPDATE "Booking" SET status = 'cancelled' WHERE uid = 'one'""")
    book(database, "two", "09:00", "10:00", user=school.teacher_id)


def test_two_requests_that_wait_for_a_host_may_ask_for_the_same_time(
    database: TestDatabase, school: School
) -> None:
    for uid in ("one", "two"):
        book(database, uid, "09:00", "10:00", user=school.teacher_id, status="pending")
    assert database.value('SELECT count(*) FROM "TeacherOccupancy"') == 0


def test_a_row_of_one_school_cannot_point_at_anothers(database: TestDatabase, school: School) -> None:
    other = make_school(database, "lotus")
    with pytest.raises(DBAPIError) as refused:
        book(database, "x", "09:00", "10:00", user=other.teacher_id, event_type=school.lesson_id)
    assert sqlstate(refused.value) == "23503"
