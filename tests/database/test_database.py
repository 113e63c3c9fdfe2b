"""Engines, tenants, tokens: what every function gets from the connection."""

import threading
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from shared import database as module
from shared.connection import connection_arguments, iam_token
from shared.database import call, connect_database, in_platform, in_tenant, round_trips
from shared.errors import TryAgain
from shared.sqlstates import EXCLUSION_VIOLATION, UNIQUE_VIOLATION, sqlstate
from shared.tenant_scope import of_tenant
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.schools import make_school


@pytest.fixture
def engine(database: TestDatabase) -> Iterator[Engine]:
    made = connect_database(database.app_url)
    yield made
    made.dispose()


class Undecodable:
    """What a converter does when a driver meets a value it does not know."""

    def __call__(self, _: str) -> Any:
        raise ValueError("cannot be decoded")


def poison_with_a_surrogate(connection: Connection) -> None:
    connection.execute(text("SELECT :value"), {"value": "\ud800"})


def poison_with_an_undecodable_answer(connection: Connection) -> None:
    raw: Any = connection.connection.dbapi_connection
    raw.register_in_adapter(25, Undecodable())
    connection.execute(text("SELECT 'a'::text, :value"), {"value": 1})


def poison_with_an_exception_while_reading(connection: Connection) -> None:
    raw: Any = connection.connection.dbapi_connection

    def interrupted(data: bytes, context: object) -> None:
        raise KeyboardInterrupt

    raw.message_types[b"D"] = interrupted
    connection.execute(text("SELECT generate_series(1, :value)"), {"value": 1_000})


def poison_a_call_with_a_surrogate(connection: Connection) -> None:
    call(connection, "SELECT $1", "\ud800")


def poison_a_call_with_an_undecodable_answer(connection: Connection) -> None:
    raw: Any = connection.connection.dbapi_connection
    raw.register_in_adapter(25, Undecodable())
    call(connection, "SELECT 'a'::text, $1::int", 1, last=True)


def poison_a_call_with_an_exception_while_reading(connection: Connection) -> None:
    raw: Any = connection.connection.dbapi_connection

    def interrupted(data: bytes, context: object) -> None:
        raise KeyboardInterrupt

    raw.message_types[b"D"] = interrupted
    call(connection, "SELECT generate_series(1, $1::int)", 1_000)


def answer_of(tag: int, connection: Connection) -> int:
    return int(connection.execute(text("SELECT CAST(:tag AS int)"), {"tag": tag}).scalar_one())


@pytest.mark.parametrize(
    "poison",
    [
        poison_with_a_surrogate,
        poison_with_an_undecodable_answer,
        poison_with_an_exception_while_reading,
        poison_a_call_with_a_surrogate,
        poison_a_call_with_an_undecodable_answer,
        poison_a_call_with_an_exception_while_reading,
    ],
)
def test_after_a_poison_three_hundred_requests_each_get_their_own_answer(engine: Engine, poison: Any) -> None:
    with pytest.raises((DBAPIError, UnicodeEncodeError, KeyboardInterrupt)):
        in_tenant(engine, of_tenant(1), poison)
    for tag in range(300):
        told = in_tenant(engine, of_tenant(1), partial(answer_of, tag))
        assert told == tag


def test_a_call_tells_errors_as_a_statement_does(engine: Engine) -> None:
    def divided(connection: Connection) -> None:
        call(connection, "SELECT 1 / $1::int", 0, last=True)

    with pytest.raises(DBAPIError) as refused:
        in_tenant(engine, of_tenant(1), divided)
    assert sqlstate(refused.value) == "22012"
    assert in_tenant(engine, of_tenant(1), partial(answer_of, 5)) == 5


def test_the_last_call_commits_in_the_same_round_trip(engine: Engine, database: TestDatabase) -> None:
    school = make_school(database, "aurora")

    def work(connection: Connection) -> None:
        call(connection, 'DELETE FROM "TeacherCourseAssignment"', last=True)
        assert database.value('SELECT count(*) FROM "TeacherCourseAssignment"') == 0

    with engine.connect() as connection:
        before = round_trips(connection)
    in_tenant(engine, of_tenant(school.id), work)
    with engine.connect() as connection:
        assert round_trips(connection) - before == 1


def test_a_last_call_that_fails_commits_nothing_of_what_came_before(
    engine: Engine, database: TestDatabase
) -> None:
    school = make_school(database, "aurora")

    def work(connection: Connection) -> None:
        call(connection, 'DELETE FROM "TeacherCourseAssignment"')
        call(connection, "SELECT 1 / $1::int", 0, last=True)

    with pytest.raises(DBAPIError):
        in_tenant(engine, of_tenant(school.id), work)
    assert database.value('SELECT count(*) FROM "TeacherCourseAssignment"') == 1


def test_without_a_tenant_nothing_of_any_school_is_seen(engine: Engine, database: TestDatabase) -> None:
    make_school(database, "aurora")
    count = text("SELECT count(*) FROM users")
    with engine.connect() as connection:
        assert connection.execute(count).scalar() == 0
        connection.rollback()
        assert connection.execute(count).scalar() == 0


def test_a_tenant_sees_its_own_and_no_others(engine: Engine, database: TestDatabase) -> None:
    aurora, lotus = make_school(database, "aurora"), make_school(database, "lotus")
    names = text('SELECT DISTINCT "tenantId" FROM users')
    for school in (aurora, lotus, aurora):
        seen = in_tenant(engine, of_tenant(school.id), lambda c: c.execute(names).scalars().all())
        assert seen == [school.id]


def test_the_platforms_role_sees_every_school(database: TestDatabase) -> None:
    make_school(database, "aurora")
    engine = connect_database(database.ops_url)
    count = text('SELECT count(*) FROM "Tenant"')
    assert in_platform(engine, lambda c: c.execute(count).scalar()) == 2
    engine.dispose()


def test_what_raises_leaves_nothing(engine: Engine, database: TestDatabase) -> None:
    school = make_school(database, "aurora")

    def work(connection: Connection) -> None:
        connection.execute(text('DELETE FROM "TeacherCourseAssignment"'))
        raise LookupError

    with pytest.raises(LookupError):
        in_tenant(engine, of_tenant(school.id), work)
    assert database.value('SELECT count(*) FROM "TeacherCourseAssignment"') == 1


def test_work_that_asks_for_it_is_run_anew_and_gives_up_in_the_end(engine: Engine) -> None:
    runs: list[int] = []

    def work(connection: Connection) -> None:
        runs.append(1)
        raise TryAgain

    with pytest.raises(TryAgain):
        in_tenant(engine, of_tenant(1), work)
    assert len(runs) == module.ATTEMPTS


def test_a_deadlock_is_run_anew_and_nobody_hears_of_it(database: TestDatabase) -> None:
    aurora = make_school(database, "aurora")
    rows = [aurora.admin_id, aurora.teacher_id]
    touch = text("UPDATE users SET bio = coalesce(bio, '') || :mark WHERE id = :id")
    both_hold_one = threading.Barrier(2)

    def crosswise(order: list[int], mark: str) -> None:
        engine, first_time = connect_database(database.app_url), [True]

        def work(connection: Connection) -> None:
            connection.execute(touch, {"id": order[0], "mark": mark})
            if first_time:
                first_time.clear()
                both_hold_one.wait(10)
            connection.execute(touch, {"id": order[1], "mark": mark})

        in_tenant(engine, of_tenant(aurora.id), work)
        engine.dispose()

    threads = [
        threading.Thread(target=crosswise, args=(rows, "a")),
        threading.Thread(target=crosswise, args=(rows[::-1], "b")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    bios = database.rows("SELECT bio FROM users WHERE id = ANY(:ids)", ids=rows)
    assert [sorted(row["bio"]) for row in bios] == [["a", "b"], ["a", "b"]]


def test_a_connection_that_was_cut_while_it_rested_is_replaced(
    engine: Engine, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TRUSTED_IDLE_SECONDS", 0)
    pid = text("SELECT pg_backend_pid()")
    first = in_tenant(engine, of_tenant(1), lambda c: c.execute(pid).scalar())
    database.rows("SELECT pg_terminate_backend(:pid)", pid=first)
    assert in_tenant(engine, of_tenant(1), lambda c: c.execute(pid).scalar()) != first


def test_a_connection_that_was_cut_a_moment_ago_fails_once_and_heals(
    engine: Engine, database: TestDatabase
) -> None:
    pid = text("SELECT pg_backend_pid()")
    first = in_tenant(engine, of_tenant(1), lambda c: c.execute(pid).scalar())
    database.rows("SELECT pg_terminate_backend(:pid)", pid=first)
    with pytest.raises(DBAPIError):
        in_tenant(engine, of_tenant(1), lambda c: c.execute(pid).scalar())
    assert in_tenant(engine, of_tenant(1), lambda c: c.execute(pid).scalar()) != first


@pytest.mark.parametrize("name", ["booking_api", "stripe_webhooks", "admin_api"])
def test_a_function_that_was_loaded_and_frozen_holds_no_connection_that_could_be_dead(
    load: Load, database: TestDatabase, name: str
) -> None:
    load(name, TENANT_SECRETS_KEY_ID="key", UPLOADS_BUCKET="uploads")
    connected = """SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND usename = 'booking_app'"""
    assert database.value(connected) == 0


def test_sqlstates_are_told_apart(engine: Engine, database: TestDatabase) -> None:
    school = make_school(database, "aurora")
    twice = "INSERT INTO \"Tenant\" (name, subdomain) VALUES ('x', 'aurora')"
    with pytest.raises(DBAPIError) as unique:
        database.rows(twice)
    overlap = """INSERT INTO "Booking" (uid, "userId", title, "startTime", "endTime")
                 VALUES (gen_random_uuid()::text, :u, 'x', now(), now() + interval '1 hour')"""
    database.rows(overlap, u=school.teacher_id)
    with pytest.raises(DBAPIError) as exclusion:
        database.rows(overlap, u=school.teacher_id)
    assert sqlstate(unique.value) == UNIQUE_VIOLATION
    assert sqlstate(exclusion.value) == EXCLUSION_VIOLATION
    assert sqlstate(ValueError("x")) is None


def test_a_database_elsewhere_is_reached_by_verified_tls_only(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = connection_arguments("postgresql://booking_app:secret@db.example.com/booking")
    assert arguments["ssl_context"].check_hostname
    assert arguments["ssl_context"].verify_mode.name == "CERT_REQUIRED"
    assert connection_arguments("postgresql://a:b@127.0.0.1/booking")["ssl_context"] is False


def test_the_iam_token_is_the_one_that_boto3_would_make(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "token",
        "AWS_REGION": "eu-central-1",
    }.items():
        monkeypatch.setenv(name, value)
    ours = iam_token("booking_app", "db.example.com", 5432)
    theirs = boto3.client("rds", region_name="eu-central-1").generate_db_auth_token(
        "db.example.com", 5432, "booking_app"
    )

    def parts(token: str) -> dict[str, list[str]]:
        asked = parse_qs(urlsplit("https://" + token).query)
        return {name: value for name, value in asked.items() if name not in ("X-Amz-Date", "X-Amz-Signature")}

    assert parts(ours) == parts(theirs)
    assert ours.startswith("db.example.com:5432/?")
