"""Many at once for the same seats: whoever loses is told so, and the database holds what it promises.

Each race has a twin that shows it does happen once the guard is taken away.
"""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from shared.database import call, connect_database
from shared.sqlstates import DEADLOCK, sqlstate
from shared.tenant_scope import of_tenant
from shared.workshops import book_seats, join_waitlist
from shared.workshops.load_seats import load_seats
from tests.bookings.test_booking_races import at_once, won_and_lost
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Answer, Api
from tests.invariants import broken_invariants
from tests.schools import make_school
from tests.workshops.workshop import FIRST, WEEK, Workshop, cancel, make_workshop, student

BOOKINGS = "/v1/bookings"
OVERSOLD = "no session is over its seats, and the seats are those of its bookings"
HAS_A_SEAT_LEFT = """AND s."cancelledAt" IS NULL AND coalesce(s."seatsTaken" < s."seatLimit", true)"""
IS_HELD = "IF cardinality(held) > 0 THEN"
IN_ORDER = "ORDER BY s.id FOR NO KEY UPDATE) locked;\n        held"
LOCKS_WHO_WAITS = """AND w.status = 'WAITING' ORDER BY w.id FOR NO KEY UPDATE;"""
# Long enough for what is not kept from it; what is kept from it takes as long as it likes.
A_WHILE = 2


@pytest.fixture
def students(load: Load) -> Iterator[list[Api]]:
    """Six students, each with a function of their own, as Lambda gives them."""
    with loaded(load, 6) as made:
        yield made


@contextmanager
def loaded(load: Load, number: int, **environment: str) -> Iterator[list[Api]]:
    """Students' functions, perhaps over another database."""
    functions = [load("booking_api", **environment) for _ in range(number)]
    yield [Api(function) for function in functions]
    for function in functions:
        function.close()


def act_after_everybody_has_looked(monkeypatch: pytest.MonkeyPatch, students: int) -> None:
    """Nobody writes before all have read: the worst moment."""
    together = threading.Barrier(students, timeout=10)

    def look_and_wait(*arguments: Any) -> Any:
        offer = load_seats(*arguments)
        together.wait()
        return offer

    monkeypatch.setattr(book_seats, "load_seats", look_and_wait)


def without(database: TestDatabase, function: str, guard: str, instead: str = "") -> None:
    """The database's function without one of its guards."""
    whole = database.value("SELECT pg_get_functiondef(to_regproc(:name))", name=function)
    assert guard in whole
    with database.owner.connect() as connection:
        connection.exec_driver_sql(whole.replace(guard, instead).replace("%", "%%"))


@pytest.fixture
def own_workshop(own_database: TestDatabase) -> Workshop:
    """In a database whose guards a test may take away."""
    return make_workshop(make_school(own_database, "aurora"))


@pytest.mark.race
def test_of_six_for_an_empty_session_of_three_seats_exactly_three_get_in(
    students: list[Api], workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.add_session(1)
    act_after_everybody_has_looked(monkeypatch, 6)
    answers = at_once(students, lambda n: workshop.seat(1, who=n))
    assert won_and_lost(answers) == (3, {"session_full"})
    assert workshop.taken() == {1: 3}
    assert broken_invariants(workshop.school.database) == []


@pytest.mark.race
def test_of_six_for_the_last_two_seats_exactly_two_get_in(students: list[Api], workshop: Workshop) -> None:
    workshop.add_session(1)
    students[0].post(BOOKINGS, workshop.seat(1, who=9))
    answers = at_once(students, lambda n: workshop.seat(1, who=n))
    assert won_and_lost(answers) == (2, {"session_full"})
    assert broken_invariants(workshop.school.database) == []


@pytest.mark.race
def test_the_constraint_holds_where_the_look_does_not(
    load: Load, own_workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = own_workshop.school.database
    without(database, "book_seats", HAS_A_SEAT_LEFT)
    own_workshop.add_session(1)
    act_after_everybody_has_looked(monkeypatch, 6)
    with loaded(load, 6, DATABASE_URL=database.app_url) as students:
        answers = at_once(students, lambda n: own_workshop.seat(1, who=n))
    assert won_and_lost(answers) == (3, {"session_full"})
    assert broken_invariants(database) == []


def test_without_look_and_constraint_seats_are_oversold(
    load: Load, own_workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin."""
    database = own_workshop.school.database
    without(database, "book_seats", HAS_A_SEAT_LEFT)
    database.rows('ALTER TABLE "WorkshopSession" DROP CONSTRAINT workshop_session_not_oversold')
    own_workshop.add_session(1)
    act_after_everybody_has_looked(monkeypatch, 6)
    with loaded(load, 6, DATABASE_URL=database.app_url) as students:
        answers = at_once(students, lambda n: own_workshop.seat(1, who=n))
    assert won_and_lost(answers) == (6, set())
    assert broken_invariants(database) == [OVERSOLD]


@pytest.mark.race
def test_an_address_that_asks_six_times_at_once_gets_one_seat(
    students: list[Api], workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.add_session(1, seats=10)
    act_after_everybody_has_looked(monkeypatch, 6)
    answers = at_once(students, lambda _: workshop.seat(1))
    assert won_and_lost(answers) == (1, {"already_booked"})
    assert broken_invariants(workshop.school.database) == []


def test_without_the_second_look_an_address_gets_several_seats(
    load: Load, own_workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin."""
    database = own_workshop.school.database
    without(database, "book_seats", IS_HELD, "IF false THEN")
    own_workshop.add_session(1, seats=10)
    act_after_everybody_has_looked(monkeypatch, 4)
    with loaded(load, 4, DATABASE_URL=database.app_url) as students:
        assert won_and_lost(at_once(students, lambda _: own_workshop.seat(1))) == (4, set())
    assert "an address has one seat of a session" in broken_invariants(database)


@pytest.mark.race
def test_six_with_the_same_key_at_once_get_one_series(students: list[Api], workshop: Workshop) -> None:
    for number in (1, 2):
        workshop.add_session(number)
    together = threading.Barrier(6)

    def ask(api: Api) -> Answer:
        together.wait(10)
        return api.post(BOOKINGS, workshop.series(), headers={"idempotency-key": "one"})

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(ask, students))
    assert len({one.json["uid"] for one in answers if one.status == 201}) == 1
    assert {one.code for one in answers if one.status != 201} <= {"idempotency_key_in_use"}
    assert workshop.taken() == {1: 1, 2: 1}
    assert broken_invariants(workshop.school.database) == []


@pytest.mark.race
def test_of_six_series_for_two_seats_each_two_are_whole_and_four_are_nothing(
    students: list[Api], workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 9):
        workshop.add_session(number, seats=2)
    act_after_everybody_has_looked(monkeypatch, 6)
    answers = at_once(students, lambda n: workshop.series(who=n))
    assert won_and_lost(answers) == (2, {"session_full"})
    assert set(workshop.taken().values()) == {2}
    assert broken_invariants(workshop.school.database) == []


@pytest.mark.race
def test_series_of_what_is_left_and_single_seats_at_once_fill_every_seat_once(
    students: list[Api], workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        workshop.add_session(number, seats=2)
    act_after_everybody_has_looked(monkeypatch, 6)
    answers = at_once(
        students, lambda n: workshop.series("available", who=n) if n < 3 else workshop.seat(n - 2, who=n)
    )
    won_and_lost(answers)
    assert set(workshop.taken().values()) == {2}
    assert broken_invariants(workshop.school.database) == []


def series_against(own_workshop: Workshop) -> list[str | None]:
    """Two write a series at once, straight into the database; the SQLSTATE of each."""
    database, sessions = own_workshop.school.database, [own_workshop.add_session(n) for n in (1, 2)]
    together = threading.Barrier(2)

    def write(who: int) -> str | None:
        seats = [{"session": s, "uid": f"{who} {s}", "token": "t", "title": "Workshop"} for s in sessions]
        asked = {
            "eventType": own_workshop.id,
            "seats": seats,
            "series": f"series {who}",
            "status": "accepted",
            "whitelisted": False,
            **{key: str(student(who)[key]) for key in ("name", "email", "timeZone")},
            "locale": "en",
            "madeAt": FIRST.isoformat(),
        }
        engine = connect_database(database.app_url)
        together.wait(10)
        try:
            with engine.connect() as connection, connection.begin():
                statement, values = of_tenant(own_workshop.school.id)
                call(connection, statement, *values)
                connection.execute(
                    text("SELECT book_seats(CAST(:asked AS jsonb))"), {"asked": json.dumps(asked)}
                )
        except DBAPIError as error:
            return sqlstate(error)
        finally:
            engine.dispose()
        return None

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(write, (0, 1)))


SLOWLY = "SELECT s.id, pg_sleep(0.3) FROM"


@pytest.mark.race
def test_series_that_lock_in_order_do_not_wait_in_a_ring(own_workshop: Workshop) -> None:
    database = own_workshop.school.database
    without(database, "book_seats", 'SELECT s.id FROM "WorkshopSession" s', f'{SLOWLY} "WorkshopSession" s')
    assert series_against(own_workshop) == [None, None]


def test_series_that_lock_in_any_order_do(own_workshop: Workshop) -> None:
    """The twin."""
    database = own_workshop.school.database
    without(database, "book_seats", 'SELECT s.id FROM "WorkshopSession" s', f'{SLOWLY} "WorkshopSession" s')
    by_booker = IN_ORDER.replace("s.id", "CASE booker WHEN 'student0@example.com' THEN s.id ELSE -s.id END")
    without(database, "book_seats", IN_ORDER, by_booker)
    assert sorted(map(str, series_against(own_workshop))) == [DEADLOCK, "None"]


@pytest.mark.race
def test_a_plan_for_four_more_lets_exactly_four_of_six_in(
    students: list[Api], workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.add_session(1, seats=10)
    workshop.school.change("Tenant", workshop.school.id, maxBookingsPerMonth=4)
    act_after_everybody_has_looked(monkeypatch, 6)
    answers = at_once(students, lambda n: workshop.seat(1, who=n))
    assert sorted(answer.status for answer in answers) == [201] * 4 + [403] * 2
    assert broken_invariants(workshop.school.database) == []


def test_without_the_counters_condition_the_plan_is_overrun(
    load: Load, own_workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin."""
    school = own_workshop.school
    condition = """WHERE allowed IS NULL OR u."bookingsCount" + excluded."bookingsCount" <= allowed"""
    without(school.database, "book_seats", condition)
    own_workshop.add_session(1, seats=10)
    school.change("Tenant", school.id, maxBookingsPerMonth=1)
    act_after_everybody_has_looked(monkeypatch, 4)
    with loaded(load, 4, DATABASE_URL=school.database.app_url) as students:
        assert won_and_lost(at_once(students, lambda n: own_workshop.seat(1, who=n))) == (4, set())


LESSON = """
    INSERT INTO "Booking" (uid, "tenantId", "userId", title, "startTime", "endTime")
    VALUES ('lesson', :tenant, :teacher, 'Lesson', CAST(:start AS timestamp),
            CAST(:start AS timestamp) + interval '1 hour')
"""
TWELVE_WEEKS = {"frequency": "WEEKLY", "count": 12, "start": "2035-01-09T10:00"}


def book_week_seven_in_between(admin: Api, workshop: Workshop) -> None:
    """After the look for clashes, and before the sessions are written."""
    once = iter([True])

    def book(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if 'INSERT INTO "WorkshopSession"' in statement and next(once, False):
            at = (FIRST + 6 * WEEK).replace(tzinfo=None).isoformat()
            workshop.school.database.rows(
                LESSON, tenant=workshop.school.id, teacher=workshop.school.teacher_id, start=at
            )

    event.listen(admin.function.module.database, "before_cursor_execute", book)


@pytest.mark.race
def test_a_lesson_booked_in_week_seven_meanwhile_leaves_no_session(
    admin_api: Api, workshop: Workshop
) -> None:
    book_week_seven_in_between(admin_api, workshop)
    answer = workshop.put_rule(admin_api, **TWELVE_WEEKS)
    assert (answer.status, answer.code) == (409, "sessions_clash")
    assert [each["start"] for each in answer.json["occurrences"]] == [(FIRST + 6 * WEEK).isoformat()]
    assert workshop.taken() == {}
    assert broken_invariants(workshop.school.database) == []


def test_without_the_constraint_the_teacher_is_in_two_places(load: Load, own_workshop: Workshop) -> None:
    """The twin."""
    database = own_workshop.school.database
    database.rows('ALTER TABLE "TeacherOccupancy" DROP CONSTRAINT occupancy_one_place_at_a_time')
    function = load("admin_api", DATABASE_URL=database.app_url, UPLOADS_BUCKET="uploads")
    book_week_seven_in_between(Api(function), own_workshop)
    assert own_workshop.put_rule(Api(function), **TWELVE_WEEKS).status == 200
    assert broken_invariants(database) == ["nobody is in two places"]
    function.close()


def before_commit(api: Api, work: Callable[[], Any]) -> "list[Future[Any]]":
    """Start `work` when the function is about to commit, and let it come as far as it can."""
    started: list[Future[Any]] = []
    threads = ThreadPoolExecutor(1)

    def start(_: Any) -> None:
        if not started:
            started.append(threads.submit(work))
            wait(started, timeout=A_WHILE)

    event.listen(api.function.module.database, "commit", start)
    return started


def join_while_the_seat_is_cancelled(students: list[Api], workshop: Workshop) -> list[str]:
    workshop.add_session(1, seats=1)
    held = students[0].post(BOOKINGS, workshop.seat(1)).json
    cancelling = before_commit(students[1], lambda: cancel(students[2], held))
    assert workshop.wait(students[1]).status == 201
    assert cancelling[0].result(30).status == 200
    return workshop.entries()


@pytest.mark.race
def test_who_joins_while_the_seat_is_given_up_is_offered_it(students: list[Api], workshop: Workshop) -> None:
    assert join_while_the_seat_is_cancelled(students, workshop) == ["OFFERED"]
    assert broken_invariants(workshop.school.database) == []


def test_without_the_sessions_lock_they_wait_for_a_seat_that_is_free(
    students: list[Api], workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin."""
    monkeypatch.setattr(join_waitlist, "_LOCK_SESSION", text("SELECT 1"))
    assert join_while_the_seat_is_cancelled(students, workshop) == ["WAITING"]
    assert workshop.taken() == {1: 0}


def leave_while_the_seat_is_offered(students: list[Api], workshop: Workshop) -> list[str]:
    workshop.add_session(1, seats=1)
    held = students[0].post(BOOKINGS, workshop.seat(1)).json
    first, _ = (workshop.wait(students[0], who=who).json for who in (1, 2))
    cancelling = before_commit(students[1], lambda: cancel(students[2], held))
    path = f"/v1/waitlist-entries/{first['id']}/leave"
    assert students[1].post(path, headers={"x-manage-token": first["token"]}).status == 200
    assert cancelling[0].result(30).status == 200
    return workshop.entries()


@pytest.mark.race
def test_a_seat_is_not_offered_to_who_is_just_leaving(students: list[Api], workshop: Workshop) -> None:
    assert leave_while_the_seat_is_offered(students, workshop) == ["LEFT", "OFFERED"]
    assert broken_invariants(workshop.school.database) == []


def test_without_the_lock_on_who_waits_it_is(load: Load, own_workshop: Workshop) -> None:
    """The twin."""
    database = own_workshop.school.database
    without(database, "offer_seats", LOCKS_WHO_WAITS, "AND w.status = 'WAITING';")
    with loaded(load, 3, DATABASE_URL=database.app_url) as students:
        assert leave_while_the_seat_is_offered(students, own_workshop) == ["OFFERED", "WAITING"]


@pytest.mark.race
def test_cancelling_and_booking_and_waiting_at_once_leave_no_seat_idle_while_somebody_waits(
    students: list[Api], workshop: Workshop
) -> None:
    for number in range(1, 6):
        workshop.add_session(number, seats=1)
        held = students[0].post(BOOKINGS, workshop.seat(number)).json
        act = partial(cancel_book_or_wait, students, workshop, number, held, threading.Barrier(6))
        with ThreadPoolExecutor(6) as threads:
            answers = list(threads.map(act, range(6)))
        assert {answer.status for answer in answers} <= {200, 201, 409}
    idle = workshop.school.database.rows(
        """SELECT 1 FROM "WorkshopSession" s WHERE "seatsTaken" < "seatLimit" AND EXISTS (
               SELECT FROM "WaitlistEntry" w WHERE w."sessionId" = s.id AND w.status = 'WAITING')"""
    )
    assert idle == []
    assert broken_invariants(workshop.school.database) == []


def cancel_book_or_wait(  # what one of six does
    students: list[Api],
    workshop: Workshop,
    number: int,
    held: dict[str, Any],
    together: threading.Barrier,
    who: int,
) -> Answer:
    together.wait(10)
    if who == 0:
        return cancel(students[0], held)
    if who < 3:
        return students[who].post(BOOKINGS, workshop.seat(number, who=who))
    return workshop.wait(students[who], number, who=who)
