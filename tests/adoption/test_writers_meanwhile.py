"""Cal.com works on while its database is adopted: it neither waits nor loses a row."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy.exc import DBAPIError

from migrations import ddl
from migrations.run import upgrade
from shared.sqlstates import LOCK_NOT_AVAILABLE, sqlstate
from tests.adoption.calcom import engine
from tests.databases import TestDatabase

# A writer that waits longer than this is told so by the database, and the test fails.
PATIENCE = "2s"
WRITE = """
    WITH account AS (
        INSERT INTO users (email, uuid) VALUES ('new{n}@school.example', gen_random_uuid()) RETURNING id),
    kind AS (
        INSERT INTO "EventType" (title, slug, length, hidden) VALUES ('New', 'new{n}', 30, true)
        RETURNING id),
    booked AS (
        INSERT INTO "Booking" (uid, "userId", "eventTypeId", title, "startTime", "endTime")
        SELECT 'new{n}', account.id, kind.id, 'New', '2040-01-01 09:00', '2040-01-01 10:00' FROM account, kind
        RETURNING id)
    INSERT INTO "Attendee" (email, name, "timeZone", "bookingId")
    SELECT 'a@example.com', 'A', 'UTC', id FROM booked
"""
TABLES = ("users", "EventType", "Booking", "Attendee")


class Writer:
    """Inserts as Cal.com does, in short transactions; `errors` are what the database told it."""

    def __init__(self, database: TestDatabase) -> None:
        self.database = database
        self.written = 0
        self.errors: list[str | None] = []

    def write(self) -> None:
        with engine(self.database.owner_url).connect() as connection:
            connection.exec_driver_sql(f"SET lock_timeout = '{PATIENCE}'")
            try:
                connection.exec_driver_sql(WRITE.format(n=self.written))
                self.written += 1
            except DBAPIError as error:
                self.errors.append(sqlstate(error))

    @contextmanager
    def at_work(self) -> Iterator[None]:
        stop = threading.Event()

        def work() -> None:
            while not stop.is_set():
                self.write()

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def assert_all_landed(database: TestDatabase, writer: Writer) -> None:
    assert writer.errors == []
    for table in TABLES:
        new = {"users": "email LIKE 'new%'", "EventType": "slug LIKE 'new%'", "Booking": "uid LIKE 'new%'"}
        condition = new.get(table, """"bookingId" IN (SELECT id FROM "Booking" WHERE uid LIKE 'new%')""")
        found = database.rows(
            f'SELECT "tenantId", count(*) AS rows FROM "{table}" WHERE {condition} GROUP BY 1'
        )
        assert found == [{"tenantId": 1, "rows": writer.written}], table
    assert (
        database.value("""SELECT count(*) FROM "EventType" WHERE slug LIKE 'new%' AND "isPublished" """) == 0
    )
    placed = """SELECT count(*) FROM "TeacherOccupancy" o JOIN "Booking" b ON b.id = o."bookingId"
                WHERE b.uid LIKE 'new%'"""
    assert database.value(placed) == writer.written
    assert database.value("""SELECT count(*) FROM users WHERE "tenantRole" = 'STUDENT'""") == 0


def test_what_calcom_writes_meanwhile_lands_in_the_school_and_never_waits_for_long(
    calcom: TestDatabase,
) -> None:
    writer = Writer(calcom)
    with writer.at_work():
        upgrade(calcom.owner_url)
    writer.write()
    assert writer.written > 1
    assert_all_landed(calcom, writer)


def test_behind_a_long_reader_the_migration_comes_again_and_the_writers_pass(
    calcom: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, pauses = Writer(calcom), []
    with calcom.owner.connect() as reader:
        reader.exec_driver_sql("BEGIN")
        reader.exec_driver_sql('SELECT count(*) FROM "Booking"')

        def pause(attempt: int) -> None:
            pauses.append(attempt)
            writer.write()
            if attempt == 3:
                reader.exec_driver_sql("ROLLBACK")

        monkeypatch.setattr(ddl, "pause", pause)
        upgrade(calcom.owner_url)
    assert pauses[:3] == [1, 2, 3]
    assert writer.written == len(pauses)
    assert_all_landed(calcom, writer)


def test_behind_a_reader_that_never_ends_it_gives_up_and_can_be_run_again(
    calcom: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ddl, "pause", lambda _: None)
    monkeypatch.setattr(ddl, "ATTEMPTS", 2)
    with calcom.owner.connect() as reader:
        reader.exec_driver_sql("BEGIN")
        reader.exec_driver_sql('SELECT count(*) FROM "Booking"')
        with pytest.raises(DBAPIError) as gave_up:
            upgrade(calcom.owner_url)
        assert sqlstate(gave_up.value) == LOCK_NOT_AVAILABLE
        reader.exec_driver_sql("ROLLBACK")
    upgrade(calcom.owner_url)
    writer = Writer(calcom)
    writer.write()
    assert_all_landed(calcom, writer)
