"""Counters that somebody has changed are those of the rows again, whatever is booked meanwhile."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from shared.usage import recount_usage as module
from shared.usage.recount_usage import Recounted, recount_usage
from tests.bookings.life import book, cancel, move
from tests.bookings.requests import lesson, next_monday
from tests.bookings.test_booking_races import student
from tests.conftest import Clock, Load
from tests.databases import TestDatabase
from tests.functions import Api
from tests.invariants import broken_invariants
from tests.schools import School, make_school
from tests.waiting import eventually

NOW = datetime(2035, 1, 31, 23, 59, tzinfo=UTC)
THE_COUNTERS = "the counters equal a recount"


def usage(school: School) -> dict[tuple[int, int], tuple[int, int, int]]:
    rows = school.database.rows('SELECT * FROM "TenantUsage" WHERE "tenantId" = :t', t=school.id)
    return {
        (row["year"], row["month"]): (row["bookingsCount"], row["teachersCount"], row["eventTypesCount"])
        for row in rows
    }


@pytest.fixture
def booked(api: Api, school: School, clock: Clock) -> School:
    """Two lessons made in December, of which one was moved in January; two made then, of which one is off."""
    monday = datetime(2035, 3, 5, 14, 0, tzinfo=UTC)
    clock(datetime(2034, 12, 31, 23, 59, tzinfo=UTC))
    first = book(api, school, monday)
    book(api, school, monday + timedelta(hours=1))
    clock(datetime(2035, 1, 1, tzinfo=UTC))
    assert move(api, first, monday + timedelta(hours=2)).status == 201
    book(api, school, monday + timedelta(hours=3))
    assert cancel(api, book(api, school, monday + timedelta(hours=4))).status == 200
    assert broken_invariants(school.database) == []
    return school


def test_what_is_right_is_left_alone(booked: School, ops: Engine, database: TestDatabase) -> None:
    database.rows('UPDATE "TenantUsage" SET "teachersCount" = 1, "eventTypesCount" = 1 WHERE month = 1')
    before = database.rows('SELECT * FROM "TenantUsage" ORDER BY id')
    assert recount_usage(ops, NOW) == Recounted([])
    assert database.rows('SELECT * FROM "TenantUsage" ORDER BY id') == before


@pytest.mark.parametrize(
    "harm",
    [
        'UPDATE "TenantUsage" SET "bookingsCount" = "bookingsCount" + 3',
        'UPDATE "TenantUsage" SET "bookingsCount" = 0',
        'DELETE FROM "TenantUsage"',
        'DELETE FROM "TenantUsage" WHERE month = 12',
        """INSERT INTO "TenantUsage" ("tenantId", year, month, "bookingsCount")
           SELECT "tenantId", 2034, 7, 9 FROM "TenantUsage" LIMIT 1""",
        'UPDATE "TenantUsage" SET "teachersCount" = 7, "eventTypesCount" = 7 WHERE month = 1',
    ],
)
def test_what_is_wrong_is_repaired(booked: School, ops: Engine, database: TestDatabase, harm: str) -> None:
    database.rows(harm)
    assert recount_usage(ops, NOW) == Recounted([booked.id])
    counted = usage(booked)
    assert (counted[2034, 12][0], counted[2035, 1]) == (2, (2, 1, 1))
    assert counted.get((2034, 7), (0,))[0] == 0
    assert broken_invariants(database) == []
    assert recount_usage(ops, NOW) == Recounted([])


def test_the_teachers_of_months_that_have_passed_stay(
    booked: School, ops: Engine, database: TestDatabase
) -> None:
    database.rows('UPDATE "TenantUsage" SET "teachersCount" = 4, "bookingsCount" = 9 WHERE month = 12')
    recount_usage(ops, NOW)
    assert usage(booked)[2034, 12] == (2, 4, 0)


@pytest.mark.parametrize("batch", [1, 2, 3, 1_000])
def test_every_school_is_looked_at_however_they_are_batched(
    booked: School, ops: Engine, database: TestDatabase, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(module, "BATCH", batch)
    schools = [booked, *(make_school(database, f"school{number}") for number in range(4))]
    for school in schools:
        database.rows(
            'INSERT INTO "TenantUsage" ("tenantId", year, month, "bookingsCount") VALUES (:t, 2033, 1, 5)',
            t=school.id,
        )
    assert recount_usage(ops, NOW).repaired == sorted(school.id for school in schools)
    assert broken_invariants(database) == []


# Stands in the way of the repair's last statement, which has looked by then and not yet written.
GATE = 77
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = :kind"


@pytest.fixture
def gated(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = f"(SELECT pg_advisory_xact_lock_shared({GATE}) OFFSET 0) gate"
    repair = module._REPAIR.text.replace("FROM counted\n", f"FROM counted CROSS JOIN {gate}\n")
    monkeypatch.setattr(module, "_REPAIR", text(f"{repair} AND gate IS NOT NULL"))


def repair_while_somebody_books(database: TestDatabase, api: Api, ops: Engine, *, waits: bool) -> None:
    """The booking is made when the repair has counted; whether it `waits` until the repair is done."""

    def somebody_waits(kind: str) -> Callable[[], bool]:
        return lambda: bool(database.value(WAITING, kind=kind))

    school = make_school(database, "aurora")
    book(api, school, next_monday(9))
    database.rows('UPDATE "TenantUsage" SET "bookingsCount" = 40')
    asked = lesson(school, next_monday(11), attendee=student(1))
    with ThreadPoolExecutor(2) as threads, database.owner.connect() as gatekeeper:
        gatekeeper.exec_driver_sql(f"SELECT pg_advisory_lock({GATE})")
        repaired = threads.submit(recount_usage, ops, datetime.now(UTC))
        eventually(somebody_waits("advisory"))
        made = threads.submit(api.post, "/v1/bookings", asked)
        eventually(somebody_waits("transactionid") if waits else made.done)
        gatekeeper.exec_driver_sql(f"SELECT pg_advisory_unlock({GATE})")
        assert repaired.result().repaired == [school.id]
        assert made.result().status == 201


@pytest.mark.race
def test_what_is_booked_while_a_school_is_repaired_is_counted(
    database: TestDatabase, api: Api, ops: Engine, gated: None
) -> None:
    repair_while_somebody_books(database, api, ops, waits=True)
    assert broken_invariants(database) == []


def test_without_the_counters_lock_it_is_lost(
    database: TestDatabase, api: Api, ops: Engine, gated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin."""
    monkeypatch.setattr(module, "_LOCK", text("SELECT CAST(:tenant AS int)"))
    repair_while_somebody_books(database, api, ops, waits=False)
    assert broken_invariants(database) == [THE_COUNTERS]


def test_the_command_tells_whose_counters_it_has_repaired(booked: School, database: TestDatabase) -> None:
    database.rows('UPDATE "TenantUsage" SET "bookingsCount" = 9')

    def command() -> str:
        told = subprocess.run(
            [sys.executable, "-m", "shared.usage"],
            env={"DATABASE_URL": database.ops_url, "PYTHONTZPATH": ""},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return told.stdout

    assert command() == f"Counters repaired of 1 schools: {booked.id}\n"
    assert THE_COUNTERS not in broken_invariants(database)


def test_the_function_repairs_when_it_is_asked_to(load: Load, booked: School, database: TestDatabase) -> None:
    database.rows('UPDATE "TenantUsage" SET "bookingsCount" = 9')
    function = load("usage_reset", DATABASE_URL=database.ops_url)
    assert function({"recount": True}) == {"repaired": [booked.id]}
    assert "month" in function({"recount": "true"})
    function.close()
    assert broken_invariants(database) == []
