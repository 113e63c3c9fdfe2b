"""What nobody needs any more is forgotten, and nothing else is."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from shared.database import connect_database, in_platform
from shared.idempotency.forget_keys import forget_keys
from shared.outbox.forget_messages import forget_messages
from tests.bookings.requests import lesson, next_monday
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Api
from tests.schools import School, make_school

NOW = datetime(2030, 6, 3, 8, 0, tzinfo=UTC)
MONTH, WEEK, MOMENT = timedelta(days=30), timedelta(days=7), timedelta(milliseconds=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def ops(database: TestDatabase) -> Iterator[Engine]:
    engine = connect_database(database.ops_url)
    yield engine
    engine.dispose()


def add_message(school: School, topic: str, handled: datetime | None, *, parked: bool = False) -> None:
    school.database.rows(
        """INSERT INTO "OutboxMessage" ("tenantId", topic, payload, "createdAt", "handledAt", "parkedAt")
           VALUES (:t, :topic, '{}', '2020-01-01', CAST(:handled AS timestamp),
                   CASE WHEN :parked THEN timestamp '2020-01-01' END)""",
        t=school.id,
        topic=topic,
        handled=handled and handled.replace(tzinfo=None).isoformat(),
        parked=parked,
    )


def topics(database: TestDatabase) -> list[str]:
    return [row["topic"] for row in database.rows('SELECT topic FROM "OutboxMessage" ORDER BY id')]


def add_key(school: School, key: str, age: timedelta) -> None:
    school.database.rows(
        """INSERT INTO "IdempotencyKey" ("tenantId", key, "requestHash", answer, "createdAt")
           VALUES (:t, :key, 'hash', '{}', localtimestamp - make_interval(secs => :age))""",
        t=school.id,
        key=key,
        age=age.total_seconds(),
    )


def keys(database: TestDatabase) -> list[tuple[int, str]]:
    rows = database.rows('SELECT "tenantId", key FROM "IdempotencyKey" ORDER BY "tenantId", key')
    return [(row["tenantId"], row["key"]) for row in rows]


def test_what_waits_or_was_given_up_or_was_handled_lately_stays(
    school: School, database: TestDatabase, ops: Engine
) -> None:
    add_message(school, "waits", None)
    add_message(school, "given up", None, parked=True)
    add_message(school, "lately", NOW - MONTH)
    add_message(school, "long ago", NOW - MONTH - MOMENT)
    assert in_platform(ops, lambda c: forget_messages(c, NOW, 100)) == 1
    assert topics(database) == ["waits", "given up", "lately"]


def test_the_oldest_messages_of_all_schools_go_first(
    school: School, database: TestDatabase, ops: Engine
) -> None:
    lotus = make_school(database, "lotus")
    for days in (50, 40, 60):
        add_message(school, f"aurora {days}", NOW - timedelta(days=days))
        add_message(lotus, f"lotus {days}", NOW - timedelta(days=days))
    assert in_platform(ops, lambda c: forget_messages(c, NOW, 4)) == 4
    assert topics(database) == ["aurora 40", "lotus 40"]


def test_a_key_is_kept_for_a_week(school: School, database: TestDatabase, ops: Engine) -> None:
    lotus = make_school(database, "lotus")
    for of_school in (school, lotus):
        add_key(of_school, "old", WEEK + MOMENT)
        add_key(of_school, "young", WEEK - HOUR)
    assert in_platform(ops, lambda c: forget_keys(c, 1)) == 1
    assert in_platform(ops, lambda c: forget_keys(c, 100)) == 1
    assert keys(database) == [(school.id, "young"), (lotus.id, "young")]


def test_who_serves_one_school_at_a_time_forgets_nothing(school: School, database: TestDatabase) -> None:
    add_message(school, "long ago", NOW - MONTH - MOMENT)
    add_key(school, "old", WEEK + MOMENT)
    app = connect_database(database.app_url)
    assert in_platform(app, lambda c: forget_messages(c, NOW, 100) + forget_keys(c, 100)) == 0
    app.dispose()


def test_the_housekeeping_forgets_batch_by_batch_and_bookings_stay(
    api: Api, load: Load, school: School, database: TestDatabase
) -> None:
    made = api.post("/v1/bookings", lesson(school, next_monday(9)), headers={"Idempotency-Key": "first"}).json
    database.rows("""UPDATE "IdempotencyKey" SET "createdAt" = now() - interval '8 days'""")
    for _ in range(5):
        add_message(school, "long ago", datetime(2020, 1, 2, tzinfo=UTC))
    function = load("housekeeping", OPS_DATABASE_URL=database.ops_url)
    function.module.FORGOTTEN_AT_ONCE = 2  # type: ignore[attr-defined]
    done = function({"source": "aws.scheduler", "detail": "{}"})
    function.close()
    # The request that was counted is of this very window.
    assert (done["forgotten"], done["failed"]) == (6, 0)
    assert keys(database) == []
    assert topics(database) == ["booking.created", "booking.created"]
    shown = api.get(f"/v1/bookings/{made['uid']}", headers={"X-Manage-Token": made["manageToken"]})
    assert shown.status == 200
