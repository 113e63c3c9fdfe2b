"""One connection without SQLAlchemy: whole transactions of one school, and a new one when it broke."""

from collections.abc import Iterator

import pytest
from pg8000.exceptions import DatabaseError
from pg8000.exceptions import Error as DriverError

from shared import plain_database
from shared.errors import Busy
from shared.one_flush import OneFlushConnection
from shared.plain_database import PlainDatabase
from shared.sqlstates import UNIQUE_VIOLATION, sqlstate
from shared.tenant_scope import CURRENT_TENANT, of_tenant
from tests.databases import TestDatabase
from tests.schools import School

SCHOOL = f'SELECT id FROM "Tenant" WHERE id = {CURRENT_TENANT}'  # the constant alone
RENAME = 'UPDATE "Tenant" SET name = $1 WHERE id = $2::int'
KILL = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE usename = 'booking_app' AND datname = current_database()
"""


@pytest.fixture
def plain(database: TestDatabase) -> Iterator[PlainDatabase]:
    made = PlainDatabase(database.app_url)
    yield made
    made.close()


def name_of(database: TestDatabase, school: School) -> str:
    return str(database.value('SELECT name FROM "Tenant" WHERE id = :id', id=school.id))


def test_nothing_of_a_work_that_fails_stays(
    plain: PlainDatabase, school: School, database: TestDatabase
) -> None:
    def work(connection: OneFlushConnection) -> None:
        connection.run(RENAME, ("Changed", school.id))
        _ = 1 / 0

    with pytest.raises(ZeroDivisionError):
        plain.in_tenant(of_tenant(school.id), work)
    assert name_of(database, school) == "Aurora"


def test_an_error_of_the_server_comes_as_it_is_and_the_connection_stays(
    plain: PlainDatabase, school: School
) -> None:
    twice = """INSERT INTO "WebhookEndpoint" (id, "tenantId", provider)
               VALUES ('we_1', $1::int, 'STRIPE'), ('we_1', $1::int, 'STRIPE')"""
    with pytest.raises(DatabaseError) as refused:
        plain.in_tenant(of_tenant(school.id), lambda c: c.run(twice, (school.id,)))
    assert sqlstate(refused.value) == UNIQUE_VIOLATION
    assert plain.in_tenant(of_tenant(school.id), lambda c: c.run(SCHOOL, ()).rows) == [[school.id]]


def test_where_nobody_answers_an_error_of_the_driver_comes() -> None:
    with pytest.raises(DriverError):
        PlainDatabase("postgresql://a:b@127.0.0.1:1/booking").in_tenant(
            of_tenant(1), lambda c: c.run(SCHOOL, ())
        )


def test_who_waits_too_long_for_the_connection_is_told_so(
    plain: PlainDatabase, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain_database, "PATIENCE_SECONDS", 0.01)

    def work(_: OneFlushConnection) -> None:
        plain.in_tenant(of_tenant(school.id), lambda c: c.run(SCHOOL, ()))

    with pytest.raises(Busy):
        plain.in_tenant(of_tenant(school.id), work)


def test_a_work_is_done_in_the_school_and_stays_done(
    plain: PlainDatabase, school: School, database: TestDatabase
) -> None:
    plain.in_tenant(of_tenant(school.id), lambda c: c.run(RENAME, ("Changed", school.id)))
    assert name_of(database, school) == "Changed"


def test_the_last_statement_takes_the_commit_along(
    plain: PlainDatabase, school: School, database: TestDatabase
) -> None:
    def work(connection: OneFlushConnection) -> int:
        before = connection.round_trips
        connection.run(RENAME, ("Changed", school.id), last=True)
        return before

    before = plain.in_tenant(of_tenant(school.id), work)
    assert plain.in_tenant(of_tenant(school.id), lambda c: c.round_trips) == before + 1
    assert name_of(database, school) == "Changed"


def test_a_connection_that_died_while_it_rested_is_replaced(
    plain: PlainDatabase, school: School, database: TestDatabase
) -> None:
    plain.in_tenant(of_tenant(school.id), lambda c: c.run(SCHOOL, ()))
    database.rows(KILL)
    assert plain.in_tenant(of_tenant(school.id), lambda c: c.run(SCHOOL, ()).rows) == [[school.id]]


def test_a_new_connection_that_dies_is_not_tried_again(
    plain: PlainDatabase, school: School, database: TestDatabase
) -> None:
    tries = []

    def work(connection: OneFlushConnection) -> None:
        tries.append(1)
        connection.run(SCHOOL, ())
        database.rows(KILL)
        connection.run(SCHOOL, ())

    with pytest.raises(DriverError):
        plain.in_tenant(of_tenant(school.id), work)
    assert len(tries) == 1
