"""Seats and sessions are kept by the database, whoever writes."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from shared.sqlstates import EXCLUSION_VIOLATION, FOREIGN_KEY_VIOLATION, sqlstate
from tests.databases import TestDatabase
from tests.invariants import broken_invariants
from tests.schools import School, make_school

CHECK_VIOLATION = "23514"

SESSION = """
    INSERT INTO "WorkshopSession" ("tenantId", "eventTypeId", "sessionNumber", "teacherId", "startTime",
                                   "endTime", "seatLimit")
    VALUES (:tenant, :event_type, :number, :teacher, CAST(:day AS timestamp) + interval '10 hours',
            CAST(:day AS timestamp) + interval '12 hours', :seats) RETURNING id
"""
SEAT = """
    INSERT INTO "Booking" (uid, "tenantId", "eventTypeId", "workshopSessionNumber", title, "startTime",
                           "endTime")
    VALUES (gen_random_uuid()::text, :tenant, :event_type, :number, 'Workshop', '2030-05-06 10:00',
            '2030-05-06 12:00') RETURNING id
"""


def add_session(school: School, number: int, *, seats: int | None = 3, day: str = "2030-05-06") -> int:
    return int(
        school.database.value(
            SESSION,
            tenant=school.id,
            event_type=school.lesson_id,
            number=number,
            teacher=school.teacher_id,
            day=day,
            seats=seats,
        )
    )


def take_seat(school: School, number: int) -> Any:
    return school.database.value(SEAT, tenant=school.id, event_type=school.lesson_id, number=number)


def taken(school: School) -> list[int]:
    found = school.database.rows('SELECT "seatsTaken" AS n FROM "WorkshopSession" ORDER BY "sessionNumber"')
    return [row["n"] for row in found]


def refused(work: Any) -> str | None:
    with pytest.raises(DBAPIError) as error:
        work()
    return sqlstate(error.value)


def test_one_seat_too_many_is_refused(school: School) -> None:
    add_session(school, 1, seats=2)
    take_seat(school, 1)
    take_seat(school, 1)
    assert refused(lambda: take_seat(school, 1)) == CHECK_VIOLATION
    assert taken(school) == [2]


def test_a_session_that_does_not_exist_has_no_seats(school: School) -> None:
    add_session(school, 1)
    assert refused(lambda: take_seat(school, 2)) == FOREIGN_KEY_VIOLATION


def test_a_cancelled_session_takes_nobody_in(school: School) -> None:
    school.change("WorkshopSession", add_session(school, 1), cancelledAt="2030-01-01")
    assert refused(lambda: take_seat(school, 1)) == FOREIGN_KEY_VIOLATION


def test_another_schools_session_of_the_same_number_is_not_filled(school: School) -> None:
    other = make_school(school.database, "lotus")
    add_session(school, 1)
    assert refused(lambda: take_seat(other, 1)) == FOREIGN_KEY_VIOLATION
    assert taken(school) == [0]


def test_the_limit_cannot_fall_below_the_seats_taken(school: School) -> None:
    session = add_session(school, 1)
    take_seat(school, 1)
    take_seat(school, 1)
    assert refused(lambda: school.change("WorkshopSession", session, seatLimit=1)) == CHECK_VIOLATION


def test_a_session_without_a_limit_takes_everybody(school: School) -> None:
    add_session(school, 1, seats=None)
    for _ in range(5):
        take_seat(school, 1)
    assert taken(school) == [5]


@pytest.mark.parametrize("status", ["cancelled", "rejected"])
def test_who_gives_a_seat_up_frees_it(school: School, status: str) -> None:
    add_session(school, 1, seats=1)
    booking = take_seat(school, 1)
    change = f"""UPDATE "Booking" SET status = '{status}' WHERE id = :id"""
    school.database.rows(change, id=booking)
    school.database.rows(change, id=booking)
    assert taken(school) == [0]
    take_seat(school, 1)
    assert broken_invariants(school.database) == []


def test_a_deleted_booking_frees_its_seat(school: School) -> None:
    add_session(school, 1)
    school.database.rows('DELETE FROM "Booking" WHERE id = :id', id=take_seat(school, 1))
    assert taken(school) == [0]


def test_who_moves_to_another_session_takes_the_seat_along(school: School) -> None:
    add_session(school, 1)
    add_session(school, 2, day="2030-05-13")
    booking = take_seat(school, 1)
    school.change("Booking", booking, workshopSessionNumber=2)
    assert taken(school) == [0, 1]


def test_of_six_who_want_three_seats_exactly_three_get_one(school: School) -> None:
    add_session(school, 1, seats=3)
    together = threading.Barrier(6)

    def want(_: int) -> str | None:
        together.wait(10)
        try:
            take_seat(school, 1)
        except DBAPIError as error:
            return sqlstate(error)
        return None

    with ThreadPoolExecutor(6) as threads:
        told = list(threads.map(want, range(6)))
    assert sorted(told, key=str) == [CHECK_VIOLATION] * 3 + [None] * 3
    assert broken_invariants(school.database) == []


def test_without_the_constraint_seats_are_oversold(own_database: TestDatabase) -> None:
    """The twin: what `workshop_session_not_oversold` holds back does happen."""
    own_database.rows('ALTER TABLE "WorkshopSession" DROP CONSTRAINT workshop_session_not_oversold')
    school = make_school(own_database, "aurora")
    add_session(school, 1, seats=1)
    take_seat(school, 1)
    take_seat(school, 1)
    assert "no session is over its seats, and the seats are those of its bookings" in broken_invariants(
        own_database
    )


LESSON = """
    INSERT INTO "Booking" (uid, "userId", title, "startTime", "endTime")
    VALUES ('lesson', :teacher, 'Lesson', '2030-05-06 11:00', '2030-05-06 13:00')
"""


def test_a_lesson_cannot_be_where_a_session_is_nor_a_session_where_a_lesson_is(school: School) -> None:
    session = add_session(school, 1)
    lesson = {"teacher": school.teacher_id}
    assert refused(lambda: school.database.rows(LESSON, **lesson)) == EXCLUSION_VIOLATION
    school.change("WorkshopSession", session, cancelledAt="2030-01-01")
    school.database.rows(LESSON, **lesson)
    assert refused(lambda: add_session(school, 2)) == EXCLUSION_VIOLATION


def test_two_sessions_of_a_teacher_cannot_overlap(school: School) -> None:
    add_session(school, 1)
    assert refused(lambda: add_session(school, 2)) == EXCLUSION_VIOLATION


def test_students_of_a_session_share_its_teachers_time(school: School) -> None:
    add_session(school, 1)
    take_seat(school, 1)
    take_seat(school, 1)
    assert school.database.value('SELECT count(*) FROM "TeacherOccupancy"') == 1
