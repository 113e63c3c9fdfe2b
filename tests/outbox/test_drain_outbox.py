"""Messages are carried out once each, whatever happens to them and to their workers."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from shared.bookings.errors import BookingNotFound
from shared.database import connect_database
from shared.errors import Busy
from shared.outbox.claim_messages import LEASE, Message
from shared.outbox.drain_outbox import MOST_ATTEMPTS, Drained
from tests.databases import TestDatabase
from tests.outbox.outbox import Listener, drain, messages, only, put
from tests.schools import School

AT_NOW = datetime(2026, 12, 7, 12, 0)  # noqa: DTZ001  # as the column has it, in UTC
NEVER_LONGER = timedelta(hours=1)


class WorkerKilled(BaseException):
    """The end of the process, as far as the code can tell."""


def test_who_serves_one_school_at_a_time_is_given_no_messages(database: TestDatabase, school: School) -> None:
    put(database, school.id)
    app, listener = connect_database(database.app_url), Listener()
    assert drain(app, listener) == Drained()
    app.dispose()
    assert listener.heard == []


def test_a_topic_that_nobody_knows_is_parked_and_not_lost(
    database: TestDatabase, school: School, ops: Engine
) -> None:
    put(database, school.id, topic="of another version")
    assert drain(ops, Listener()) == Drained(parked=1)
    kept = only(database)
    assert (kept["code"], kept["parked"], kept["handled"]) == ("topic_not_known", AT_NOW, None)


def test_a_message_whose_booking_is_gone_is_parked_at_once(
    database: TestDatabase, school: School, ops: Engine
) -> None:
    put(database, school.id)
    assert drain(ops, Listener(BookingNotFound())) == Drained(parked=1)
    assert only(database)["code"] == "booking_not_found"


def test_what_was_parked_is_not_taken_again(database: TestDatabase, school: School, ops: Engine) -> None:
    put(database, school.id)
    drain(ops, Listener(BookingNotFound()))
    listener = Listener()
    drain(ops, listener, after=timedelta(days=365))
    assert listener.heard == []


def test_what_a_person_takes_out_of_the_park_is_tried_anew(
    database: TestDatabase, school: School, ops: Engine
) -> None:
    put(database, school.id)
    drain(ops, Listener(BookingNotFound()))
    database.rows('UPDATE "OutboxMessage" SET "parkedAt" = NULL, attempts = 0')
    assert drain(ops, Listener(), after=LEASE) == Drained(handled=1)
    assert only(database)["code"] is None


@pytest.mark.parametrize(
    ("error", "code"), [(Busy(), "busy"), (ValueError("mai@example.com is not nice"), "ValueError")]
)
def test_what_failed_keeps_a_code_without_an_address_and_waits(
    database: TestDatabase, school: School, ops: Engine, error: Exception, code: str
) -> None:
    put(database, school.id)
    failures = drain(ops, Listener(error), has_time=_times(2))
    kept = only(database)
    assert failures == Drained(failed=1)
    assert (kept["code"], kept["handled"], kept["parked"], kept["attempts"]) == (code, None, None, 1)
    assert AT_NOW <= kept["due"] <= AT_NOW + NEVER_LONGER


def test_what_failed_is_carried_out_later(database: TestDatabase, school: School, ops: Engine) -> None:
    put(database, school.id)
    drain(ops, Listener(Busy()), has_time=_times(2))
    assert drain(ops, Listener(), after=NEVER_LONGER) == Drained(handled=1)
    assert only(database)["code"] is None


def test_the_twentieth_failure_parks_and_keeps_its_code(
    database: TestDatabase, school: School, ops: Engine
) -> None:
    put(database, school.id, attempts=MOST_ATTEMPTS - 1)
    assert drain(ops, Listener(Busy())) == Drained(parked=1)
    kept = only(database)
    assert (kept["attempts"], kept["code"], kept["parked"]) == (20, "busy", AT_NOW)


def test_a_message_that_always_fails_is_given_up_after_twenty_attempts(
    database: TestDatabase, school: School, ops: Engine
) -> None:
    put(database, school.id)
    listener = Listener(Busy())
    for day in range(30):
        drain(ops, listener, after=timedelta(days=day))
    assert len(listener.heard) == 20
    assert only(database)["parked"] is not None


def test_one_that_fails_keeps_no_other_from_being_carried_out(
    database: TestDatabase, school: School, ops: Engine
) -> None:
    put(database, school.id, 3)
    heard = []

    def picky(message: Message) -> None:
        if message.payload["number"] == 2:
            raise Busy
        heard.append(message.payload["number"])

    drain(ops, picky, has_time=_times(6))
    assert heard == [1, 3]


def test_without_time_nothing_is_begun(database: TestDatabase, school: School, ops: Engine) -> None:
    put(database, school.id)
    assert drain(ops, Listener(), has_time=lambda: False) == Drained()
    assert only(database)["attempts"] == 0


def test_what_time_runs_out_for_is_given_back(database: TestDatabase, school: School, ops: Engine) -> None:
    put(database, school.id, 3)
    assert drain(ops, Listener(), has_time=_times(2)) == Drained(handled=1)
    left = messages(database)[1:]
    assert [(each["attempts"], each["due"], each["handled"]) for each in left] == [(0, AT_NOW, None)] * 2
    assert drain(ops, Listener()) == Drained(handled=2)


def test_what_is_not_due_is_left_alone(database: TestDatabase, school: School, ops: Engine) -> None:
    put(database, school.id)
    assert drain(ops, Listener(), after=-timedelta(hours=2)) == Drained()


def test_what_was_handled_is_not_taken_again(database: TestDatabase, school: School, ops: Engine) -> None:
    put(database, school.id, 2)
    assert drain(ops, Listener()) == Drained(handled=2)
    assert drain(ops, Listener(), after=timedelta(days=365)) == Drained()
    assert {each["handled"] for each in messages(database)} == {AT_NOW}


def test_all_that_is_due_is_carried_out_in_one_run(
    database: TestDatabase, school: School, ops: Engine
) -> None:
    put(database, school.id, 53)
    listener = Listener()
    assert drain(ops, listener) == Drained(handled=53)
    assert [message.payload["number"] for message in listener.heard] == list(range(1, 54))


def test_a_worker_that_died_after_the_deed_leaves_it_to_the_end_of_its_lease(
    database: TestDatabase, school: School, ops: Engine
) -> None:
    put(database, school.id)
    done = []

    def last_deed(message: Message) -> None:
        done.append(message.id)
        raise WorkerKilled

    with pytest.raises(WorkerKilled):
        drain(ops, last_deed)
    next_one = Listener()
    assert drain(ops, next_one, after=LEASE - timedelta(seconds=1)) == Drained()
    assert drain(ops, next_one, after=LEASE) == Drained(handled=1)
    assert [message.id for message in next_one.heard] == done


def test_a_message_that_kills_its_workers_is_given_up_too(
    database: TestDatabase, school: School, ops: Engine
) -> None:
    put(database, school.id)
    for run in range(20):
        with pytest.raises(WorkerKilled):
            drain(ops, _killed, after=run * LEASE)
    assert drain(ops, _killed, after=20 * LEASE) == Drained(parked=1)
    assert only(database)["code"] == "workers_lost"


def test_no_transaction_is_open_while_a_message_is_carried_out(
    database: TestDatabase, school: School, ops: Engine
) -> None:
    put(database, school.id)
    seen = []
    drain(ops, lambda _: seen.extend(database.rows(OPEN_TRANSACTIONS)))
    assert seen == [{"state": "idle"}]


def test_two_workers_at_once_carry_out_each_message_once(
    database: TestDatabase, school: School, ops: Engine, second_ops: Engine
) -> None:
    put(database, school.id, 200)
    heard: Counter[int] = Counter()
    with ThreadPoolExecutor() as workers:
        runs = [workers.submit(drain, each, lambda m: heard.update([m.id])) for each in (ops, second_ops)]
    drain(ops, lambda m: heard.update([m.id]))
    assert len(heard) == 200
    assert set(heard.values()) == {1}
    assert all(run.result().failed == 0 for run in runs)


OPEN_TRANSACTIONS = """
    SELECT state FROM pg_stat_activity WHERE usename = 'booking_ops' AND datname = current_database()
"""


def _killed(_: Message) -> None:
    raise WorkerKilled


def _times(count: int) -> Callable[[], bool]:
    """Time enough for `count` questions."""
    answers = iter([True] * count)
    return lambda: next(answers, False)
