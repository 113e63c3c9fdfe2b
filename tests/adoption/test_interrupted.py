"""A run that was ended in the middle is mended by running it again."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import SQLAlchemyError

from migrations import run
from migrations.run import upgrade
from tests.adoption.calcom import contents, ours
from tests.adoption.catalogue import catalogue
from tests.databases import TestDatabase

Watch = Callable[[int, str, int], None]


@contextmanager
def watched(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> Iterator[None]:
    """Tell `watch` of each statement of a run before it is sent: its number, its text, the session."""
    make, ends = run._engine, {}

    def engine(url: str) -> Engine:
        made, count = make(url), 0

        def before(connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
            nonlocal count
            count += 1
            raw: Any = connection.connection.dbapi_connection
            ends[id(raw)] = (raw._sock, raw._usock)
            watch(count, statement, session_of(connection))

        event.listen(made, "before_cursor_execute", before)
        return made

    with monkeypatch.context() as patch:
        patch.setattr(run, "_engine", engine)
        yield
    # The driver drops its end of a conversation that the server has cut without closing it.
    for each in (end for pair in ends.values() for end in pair):
        with suppress(OSError):
            each.close()


def session_of(connection: Connection) -> int:
    """The id of its server process, which the server told when the connection was made."""
    raw: Any = connection.connection.dbapi_connection
    return int.from_bytes(raw._backend_key_data[:4])


def end(database: TestDatabase, session: int) -> None:
    database.rows("SELECT pg_terminate_backend(:pid, 5000)", pid=session)


def assert_whole(database: TestDatabase, adopted: TestDatabase) -> None:
    assert catalogue(database) == catalogue(adopted)
    assert contents(database) == contents(adopted)
    assert ours(database) == ours(adopted)


@pytest.mark.parametrize(
    "where",
    [
        'INSERT INTO "Tenant"',
        'ALTER TABLE "Booking" ALTER COLUMN "tenantId" DROP DEFAULT',
        'VALIDATE CONSTRAINT "booking_tenant_required"',
        'UPDATE "EventType"',
        'DROP INDEX CONCURRENTLY IF EXISTS "users_email_key"',
        'INSERT INTO "TeacherCourseAssignment"',
        'INSERT INTO "OccupancyConflict"',
        "ENABLE ROW LEVEL SECURITY",
        "UPDATE alembic_version",
    ],
)
def test_ended_at_one_statement_it_is_whole_after_the_next_run(
    calcom: TestDatabase, adopted: TestDatabase, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    ended: list[str] = []

    def watch(_: int, statement: str, session: int) -> None:
        if where in statement and not ended:
            ended.append(statement)
            end(calcom, session)

    with watched(monkeypatch, watch), pytest.raises(SQLAlchemyError):
        upgrade(calcom.owner_url)
    upgrade(calcom.owner_url)
    assert ended
    assert_whole(calcom, adopted)


def test_a_command_that_lost_its_server_says_so_in_one_line(
    calcom: TestDatabase, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def watch(_: int, statement: str, session: int) -> None:
        if 'CREATE TABLE "OutboxMessage"' in statement:
            end(calcom, session)

    monkeypatch.setenv("DATABASE_URL", calcom.owner_url)
    with watched(monkeypatch, watch):
        assert run.told(run.migrate) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("No conversation with the database: ")


def test_ended_again_and_again_it_is_whole_in_the_end(
    calcom: TestDatabase, adopted: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs, apart = 0, 67

    def watch(number: int, _: str, session: int) -> None:
        if number == runs * apart:
            end(calcom, session)

    with watched(monkeypatch, watch):
        while True:
            runs += 1
            try:
                upgrade(calcom.owner_url)
            except SQLAlchemyError:
                continue
            break
    assert runs > 5
    assert_whole(calcom, adopted)


def test_an_index_that_was_left_half_built_is_built_anew(
    calcom: TestDatabase, adopted: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ended while the build waits for a writer, which leaves the index there, but invalid."""
    invalid = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"
    with calcom.owner.connect() as writer, ThreadPoolExecutor() as beside:

        def end_once_it_waits(session: int) -> None:
            while not calcom.value(invalid):
                time.sleep(0.01)
            end(calcom, session)

        def watch(_: int, statement: str, session: int) -> None:
            if 'CREATE INDEX CONCURRENTLY "Attendee_tenantId_idx"' in statement:
                writer.exec_driver_sql("BEGIN")
                writer.exec_driver_sql("""UPDATE "Attendee" SET name = name WHERE id = 1""")
                beside.submit(end_once_it_waits, session)

        with watched(monkeypatch, watch), pytest.raises(SQLAlchemyError):
            upgrade(calcom.owner_url)
        writer.exec_driver_sql("ROLLBACK")
    assert calcom.value(invalid) == 1
    upgrade(calcom.owner_url)
    assert_whole(calcom, adopted)
