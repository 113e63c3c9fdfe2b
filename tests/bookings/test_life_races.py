"""Many change one booking at once: one wins, the others are told so, nothing is done twice.

Each race has a twin that shows it does happen once the guard is taken away.
"""

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import ARRAY, Integer, bindparam, text

from shared.bookings import cancel_own_booking, end_bookings, lock_booking, move_own_booking, refunds
from shared.bookings.expire_holds import expire_holds
from shared.database import connect_database
from tests.bookings.life import Made, Staff, book, cancel, events, messages, move, pay, row_of
from tests.bookings.life import refunds as refunds_of
from tests.bookings.requests import lesson, next_monday
from tests.bookings.test_booking_races import student
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Answer, Api
from tests.invariants import broken_invariants
from tests.schools import School, make_school

ROUNDS = 4

Act = Callable[[], Any]


@pytest.fixture
def students(load: Load) -> Iterator[list[Api]]:
    """Five students, each with a function of their own, as Lambda gives them."""
    functions = [load("booking_api") for _ in range(5)]
    yield [Api(function) for function in functions]
    for function in functions:
        function.close()


def at_once(acts: Sequence[Act]) -> list[Any]:
    """What came of each; all begin at the same moment."""
    together = threading.Barrier(len(acts))

    def begin(act: Act) -> Any:
        together.wait(10)
        return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(begin, acts))


def codes(answers: list[Answer]) -> list[str]:
    return sorted(answer.code if answer.status >= 400 else str(answer.status) for answer in answers)


def moves_to_all_hours(apis: list[Api], made: Made) -> list[Act]:
    return [partial(move, api, made, next_monday(10 + number)) for number, api in enumerate(apis)]


@pytest.mark.race
def test_of_five_moves_of_one_booking_one_has_a_child(
    students: list[Api], school: School, database: TestDatabase
) -> None:
    made = book(students[0], school, next_monday(9))
    for _ in range(ROUNDS):
        answers = at_once(moves_to_all_hours(students, made))
        assert codes(answers) == ["201"] + ["booking_moved"] * 4
        (child,) = (answer.json for answer in answers if answer.status == 201)
        made = move(students[0], child, next_monday(9)).json
    assert database.value('SELECT count(*) FROM "Booking"') == 1 + 2 * ROUNDS
    assert broken_invariants(database) == []


@pytest.mark.race
def test_a_cancel_and_a_move_at_once_are_one_of_them(
    students: list[Api], school: School, database: TestDatabase
) -> None:
    for round_number in range(ROUNDS):
        made = book(students[0], school, next_monday(9) + timedelta(minutes=30 * round_number))
        pay(school, made["uid"])
        cancelled, moved = at_once(
            [partial(cancel, students[0], made), partial(move, students[1], made, next_monday(15))]
        )
        if moved.status == 201:
            assert (cancelled.status, cancelled.code) == (409, "booking_moved")
            cancel(students[0], moved.json)
        else:
            assert (cancelled.status, moved.code) == (200, "booking_not_active")
    assert broken_invariants(database) == []


@pytest.mark.race
def test_the_student_and_the_school_cancel_at_once_and_the_money_comes_back_once(
    students: list[Api], admin: Staff, school: School, database: TestDatabase
) -> None:
    for round_number in range(ROUNDS):
        made = book(students[0], school, next_monday(12) + timedelta(minutes=30 * round_number))
        pay(school, made["uid"])
        by_school = partial(admin.post, f"/{made['uid']}/cancel")
        answers = at_once([partial(cancel, api, made) for api in students] + [by_school])
        assert {answer.status for answer in answers} == {200}
        assert len(refunds_of(database)) <= round_number + 1
        assert len(events(database)) == round_number + 1
        assert len(messages(database)) == 2 * (round_number + 1)
    assert broken_invariants(database) == []


@pytest.mark.race
def test_one_time_goes_to_a_move_or_to_a_new_booking(
    students: list[Api], school: School, database: TestDatabase
) -> None:
    for round_number in range(ROUNDS):
        made = book(students[0], school, next_monday(9) + timedelta(minutes=30 * round_number))
        wanted = next_monday(13) + timedelta(minutes=30 * round_number)
        acts: list[Act] = [
            partial(api.post, "/v1/bookings", lesson(school, wanted, attendee=student(number)))
            for number, api in enumerate(students[1:])
        ]
        answers = at_once([partial(move, students[0], made, wanted), *acts])
        assert codes(answers) == ["201"] + ["slot_taken"] * 4
        kept = row_of(database, made["uid"])["status"] == "accepted"
        assert kept == (answers[0].status == 409)
    assert broken_invariants(database) == []


@pytest.mark.race
def test_two_lessons_that_change_places_wait_for_no_one_for_ever(
    students: list[Api], school: School, database: TestDatabase
) -> None:
    """Neither can have the other's place; neither is told that the service is broken."""
    first, second = (book(students[0], school, next_monday(hour)) for hour in (9, 10))
    for _ in range(ROUNDS):
        answers = at_once(
            [
                partial(move, students[0], first, next_monday(10)),
                partial(move, students[1], second, next_monday(9)),
            ]
        )
        assert codes(answers) == ["slot_taken"] * 2
    assert broken_invariants(database) == []


@pytest.mark.race
def test_a_request_is_confirmed_or_run_out_and_not_both(
    students: list[Api], admin: Staff, school: School, database: TestDatabase
) -> None:
    school.change("EventType", school.lesson_id, requiresConfirmation=True)
    ops = connect_database(database.ops_url)
    for round_number in range(ROUNDS):
        made = book(students[0], school, next_monday(9) + timedelta(minutes=30 * round_number))
        confirmed, ended = at_once(
            [
                partial(admin.post, f"/{made['uid']}/confirm"),
                partial(expire_holds, ops, next_monday(17), lambda: True),
            ]
        )
        status = row_of(database, made["uid"])["status"]
        assert (confirmed.status, ended.expired, status) in {(200, 0, "accepted"), (409, 1, "cancelled")}
    ops.dispose()
    assert broken_invariants(database) == []


@pytest.mark.race
def test_the_same_key_from_many_at_once_moves_once(
    students: list[Api], school: School, database: TestDatabase
) -> None:
    made, key = book(students[0], school, next_monday(9)), {"Idempotency-Key": "m1"}
    answers = at_once([partial(move, api, made, next_monday(11), key) for api in students])
    told = [answer.json["uid"] for answer in answers if answer.status == 201]
    assert len(set(told)) == 1
    assert set(codes(answers)) <= {"201", "idempotency_key_in_use"}
    assert broken_invariants(database) == []


@pytest.fixture
def unguarded(
    load: Load, own_database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[School, list[Api]]]:
    """A school whose bookings are not held by who changes them, and two students."""
    look = str(lock_booking._LOCK)
    assert "FOR UPDATE" in look
    monkeypatch.setattr(lock_booking, "_LOCK", text(look.replace("FOR UPDATE", "")))
    school = make_school(own_database, "aurora")
    functions = [load("booking_api", DATABASE_URL=own_database.app_url) for _ in range(2)]
    yield school, [Api(function) for function in functions]
    for function in functions:
        function.close()


def look_together(monkeypatch: pytest.MonkeyPatch, *modules: Any) -> None:
    """Nobody writes before both have looked: the worst moment, every time."""
    together, look = threading.Barrier(2, timeout=10), lock_booking.lock_holders_booking

    def look_and_wait(*arguments: Any) -> Any:
        found = look(*arguments)
        together.wait()
        return found

    for module in modules:
        monkeypatch.setattr(module, "lock_holders_booking", look_and_wait)


def test_without_the_lock_and_the_key_a_booking_has_two_children(
    unguarded: tuple[School, list[Api]], own_database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    school, apis = unguarded
    own_database.rows('DROP INDEX "Booking_moved_once_key"')
    made = book(apis[0], school, next_monday(9))
    look_together(monkeypatch, move_own_booking)
    assert codes(at_once(moves_to_all_hours(apis, made))) == ["201", "201"]
    assert "a booking is moved once, and only what was moved goes on" in broken_invariants(own_database)


def test_without_the_lock_the_key_alone_lets_one_child_be(
    unguarded: tuple[School, list[Api]], own_database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database keeps it by itself, whoever writes."""
    school, apis = unguarded
    made = book(apis[0], school, next_monday(9))
    look_together(monkeypatch, move_own_booking)
    assert codes(at_once(moves_to_all_hours(apis, made))) == ["201", "conflict"]
    assert broken_invariants(own_database) == []


def test_without_the_lock_a_cancel_and_a_move_both_win(
    unguarded: tuple[School, list[Api]], own_database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    school, apis = unguarded
    made = book(apis[0], school, next_monday(9))
    look_together(monkeypatch, move_own_booking, cancel_own_booking)
    answers = at_once([partial(cancel, apis[0], made), partial(move, apis[1], made, next_monday(15))])
    assert codes(answers) == ["200", "201"]


def test_without_the_lock_and_the_rule_the_money_comes_back_twice(
    unguarded: tuple[School, list[Api]], own_database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    school, apis = unguarded
    own_database.rows('DROP INDEX "Refund_paymentId_automatic_key"')
    of_ids, of_bookings = (bindparam(name, type_=ARRAY(Integer)) for name in ("ids", "bookings"))
    look, request = str(end_bookings._LOCK), str(refunds._REQUEST)
    monkeypatch.setattr(end_bookings, "_LOCK", text(look.replace("FOR UPDATE OF b", "")).bindparams(of_ids))
    request = re.sub("ON CONFLICT .* DO NOTHING", "", request)
    request = request.replace("p.amount - given.amount", "p.amount").replace("> given.amount", "> 0")
    monkeypatch.setattr(refunds, "_REQUEST", text(request).bindparams(of_bookings))
    may_end, together = end_bookings._may_end, threading.Barrier(2, timeout=10)

    def look_and_wait(*arguments: Any) -> bool:
        together.wait()
        return may_end(*arguments)

    monkeypatch.setattr(end_bookings, "_may_end", look_and_wait)
    made = book(apis[0], school, next_monday(9) + timedelta(days=1))
    pay(school, made["uid"])
    at_once([partial(cancel, api, made) for api in apis])
    assert "nobody is refunded more than was paid" in broken_invariants(own_database)
