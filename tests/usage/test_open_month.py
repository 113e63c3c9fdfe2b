"""A new month is opened for every school, and nothing that was counted is lost."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from shared.database import connect_database
from shared.usage import open_month as module
from shared.usage.open_month import OpenedMonth, open_month
from tests.bookings.requests import lesson, next_monday
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Api
from tests.invariants import broken_invariants
from tests.schools import School, make_school

FIRST = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)
LATE = datetime(2026, 12, 19, 8, 30, tzinfo=UTC)


def usage(database: TestDatabase) -> list[dict[str, Any]]:
    return database.rows(
        """SELECT "tenantId" AS tenant, year, month, "bookingsCount" AS bookings, "teachersCount" AS teachers,
                  "eventTypesCount" AS event_types FROM "TenantUsage" ORDER BY "tenantId", year, month"""
    )


def count_bookings(school: School, year: int, month: int, bookings: int) -> None:
    """What bookings of that month leave behind."""
    school.database.rows(
        'INSERT INTO "TenantUsage" ("tenantId", year, month, "bookingsCount") VALUES (:t, :y, :m, :n)',
        t=school.id,
        y=year,
        m=month,
        n=bookings,
    )


def tenants(database: TestDatabase) -> int:
    return int(database.value('SELECT count(*) FROM "Tenant"'))


def test_who_serves_one_school_at_a_time_opens_nothing(database: TestDatabase, school: School) -> None:
    app = connect_database(database.app_url)
    assert open_month(app, FIRST).tenants == 0
    app.dispose()
    assert usage(database) == []


def test_locked_teachers_and_other_people_are_not_counted(
    database: TestDatabase, school: School, ops: Engine
) -> None:
    school.change("users", school.add_teacher(), locked=True)
    school.change("users", school.add_teacher(), tenantRole="STUDENT")
    open_month(ops, FIRST)
    assert [row["teachers"] for row in usage(database) if row["tenant"] == school.id] == [1]


def test_drafts_are_not_counted(database: TestDatabase, school: School, ops: Engine) -> None:
    school.change("EventType", school.lesson_id, isPublished=False)
    open_month(ops, FIRST)
    assert [row["event_types"] for row in usage(database) if row["tenant"] == school.id] == [0]


def test_bookings_that_came_first_stay_counted(database: TestDatabase, school: School, ops: Engine) -> None:
    count_bookings(school, 2026, 12, 7)
    open_month(ops, FIRST)
    (row,) = (row for row in usage(database) if row["tenant"] == school.id)
    assert (row["bookings"], row["teachers"], row["event_types"]) == (7, 1, 1)


def test_months_that_have_passed_stay(database: TestDatabase, school: School, ops: Engine) -> None:
    count_bookings(school, 2026, 11, 41)
    count_bookings(school, 2025, 12, 12)
    open_month(ops, FIRST)
    kept = {
        (row["year"], row["month"]): row["bookings"] for row in usage(database) if row["tenant"] == school.id
    }
    assert kept == {(2025, 12): 12, (2026, 11): 41, (2026, 12): 0}


@pytest.mark.parametrize("runs", [[FIRST, FIRST], [LATE], [FIRST, LATE, LATE]])
def test_run_twice_or_late_the_counts_are_those_of_one_run_in_time(
    database: TestDatabase, school: School, ops: Engine, runs: list[datetime]
) -> None:
    count_bookings(school, 2026, 12, 3)
    for run in runs:
        open_month(ops, run)
    (row,) = (row for row in usage(database) if row["tenant"] == school.id)
    assert (row["month"], row["bookings"], row["teachers"], row["event_types"]) == (12, 3, 1, 1)
    opened = database.value('SELECT "lastResetAt" FROM "TenantUsage" WHERE "tenantId" = :t', t=school.id)
    assert opened == runs[-1].replace(tzinfo=None)


def test_a_run_that_was_missed_is_made_up_by_the_next(
    database: TestDatabase, school: School, ops: Engine
) -> None:
    count_bookings(school, 2026, 12, 3)
    open_month(ops, datetime(2027, 1, 1, tzinfo=UTC))
    kept = {
        (row["year"], row["month"]): row["bookings"] for row in usage(database) if row["tenant"] == school.id
    }
    assert kept == {(2026, 12): 3, (2027, 1): 0}


@pytest.mark.parametrize("batch", [7, 50, 103, 5_000])
def test_a_hundred_schools_are_opened_once_each_however_they_are_batched(
    database: TestDatabase, ops: Engine, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(module, "BATCH", batch)
    database.rows(
        """INSERT INTO "Tenant" (name, subdomain, "subscriptionStatus")
           SELECT 'School ' || n, 'school' || n, CASE n % 2 WHEN 0 THEN 'ACTIVE' ELSE 'SUSPENDED' END
           FROM generate_series(1, 100) n"""
    )
    there = tenants(database)
    assert open_month(ops, FIRST) == OpenedMonth("2026-12", there)
    opened = usage(database)
    assert len({row["tenant"] for row in opened}) == len(opened) == there


@pytest.mark.race
@pytest.mark.parametrize("batch", [1, 5_000])
def test_what_is_booked_while_the_month_is_opened_is_counted_once(
    load: Load, database: TestDatabase, school: School, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(module, "BATCH", batch)
    lotus = make_school(database, "lotus")
    done = threading.Event()

    def open_again_and_again(_: int) -> int:
        engine, runs = connect_database(database.ops_url), 0
        while not done.is_set():
            open_month(engine, datetime.now(UTC))
            runs += 1
        engine.dispose()
        return runs

    students = [Api(load("booking_api"), school.subdomain) for school in (school, lotus)]
    with ThreadPoolExecutor(2) as threads:
        openings = [threads.submit(open_again_and_again, number) for number in range(2)]
        for hour in range(9, 15):
            for student, of_school in zip(students, (school, lotus), strict=True):
                assert student.post("/v1/bookings", lesson(of_school, next_monday(hour))).status == 201
        done.set()
        assert all(opening.result() for opening in openings)
    for student in students:
        student.function.close()
    assert broken_invariants(database) == []


def test_each_school_is_counted_by_itself(database: TestDatabase, school: School, ops: Engine) -> None:
    lotus = make_school(database, "lotus")
    lotus.add_teacher()
    open_month(ops, FIRST)
    counted = {row["tenant"]: row["teachers"] for row in usage(database)}
    assert (counted[school.id], counted[lotus.id]) == (1, 2)


def test_the_function_tells_the_month_and_how_many_schools(
    load: Load, database: TestDatabase, school: School
) -> None:
    function = load("usage_reset", DATABASE_URL=database.ops_url)
    months = {f"{datetime.now(UTC):%Y-%m}"}
    told = function({"source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": "{}"})
    months.add(f"{datetime.now(UTC):%Y-%m}")
    function.close()
    assert told["month"] in months
    assert told["tenants"] == tenants(database) == len(usage(database))
