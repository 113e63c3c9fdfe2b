"""Who takes what: nobody the same, and no school all."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, Engine, text

from shared.database import in_platform
from shared.outbox import claim_messages as module
from shared.outbox.claim_messages import BATCH, CLAIM, PER_SCHOOL, claim_messages
from tests.databases import TestDatabase
from tests.outbox.outbox import NOW, put
from tests.schools import School, make_school

WITHOUT_ITS_GUARD = text(CLAIM.text.replace("FOR UPDATE OF o SKIP LOCKED", ""))


def take(connection: Connection) -> list[int]:
    return [message.id for message in claim_messages(connection, NOW)]


def taken_by_both(first: Engine, second: Engine) -> set[int]:
    """What two workers were given, of whom the second asks while the first is not done asking."""
    with ThreadPoolExecutor() as workers, first.connect() as connection:
        taken = take(connection)
        late = workers.submit(in_platform, second, take)
        _wait_until_answered_or_waiting(connection, late.done)
        connection.commit()
        return set(taken) & set(late.result())


def test_without_its_guard_two_workers_are_given_the_same(
    database: TestDatabase, school: School, ops: Engine, second_ops: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(database, school.id)
    monkeypatch.setattr(module, "CLAIM", WITHOUT_ITS_GUARD)
    assert taken_by_both(ops, second_ops) != set()


def test_two_workers_are_never_given_the_same(
    database: TestDatabase, school: School, ops: Engine, second_ops: Engine
) -> None:
    put(database, school.id)
    assert taken_by_both(ops, second_ops) == set()


def test_a_worker_passes_over_what_another_is_taking(
    database: TestDatabase, ops: Engine, second_ops: Engine
) -> None:
    for number in range(BATCH + 1):
        put(database, make_school(database, f"school{number}").id)
    with ops.connect() as connection:
        assert len(take(connection)) == BATCH
        assert len(in_platform(second_ops, take)) == 1


def test_a_school_that_floods_the_outbox_does_not_delay_the_others(
    database: TestDatabase, school: School, ops: Engine
) -> None:
    lotus = make_school(database, "lotus")
    put(database, school.id, 1_000)
    put(database, lotus.id, 2)
    tenants = [message.tenant_id for message in in_platform(ops, lambda c: claim_messages(c, NOW))]
    assert tenants.count(school.id) == PER_SCHOOL
    assert tenants[:4] == [school.id, lotus.id, school.id, lotus.id]


def test_a_batch_has_a_limit_however_many_schools_wait(database: TestDatabase, ops: Engine) -> None:
    for number in range(BATCH + 5):
        put(database, make_school(database, f"school{number}").id)
    claims = [len(in_platform(ops, take)) for _ in range(3)]
    assert claims == [BATCH, 5, 0]


def _wait_until_answered_or_waiting(connection: Connection, answered: Callable[[], bool]) -> None:
    """The other worker either has its answer or stands behind our lock."""
    while not answered():
        waiting = connection.exec_driver_sql(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()"
        )
        if waiting.scalar():
            return
