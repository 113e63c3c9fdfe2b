"""What nobody confirmed in time is ended by the housekeeping, and what it held is free."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from shared.bookings import expire_holds as module
from shared.bookings.expire_holds import ExpiredHolds, expire_holds
from shared.database import connect_database
from tests.bookings.life import Staff, book, events, key_of, messages, pay, refunds, row_of
from tests.bookings.requests import lesson, next_monday
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Api
from tests.invariants import broken_invariants
from tests.schools import School, make_school

KeepHouse = Callable[[], dict[str, Any]]

SECOND = timedelta(seconds=1)
EXPIRED = """UPDATE "Booking" SET "holdExpiresAt" = now() - interval '1 day' WHERE status = 'pending'"""


@pytest.fixture
def ops(database: TestDatabase) -> Iterator[Engine]:
    engine = connect_database(database.ops_url)
    yield engine
    engine.dispose()


@pytest.fixture
def asking(school: School) -> School:
    """The school, which confirms each lesson."""
    school.change("EventType", school.lesson_id, requiresConfirmation=True)
    return school


def always() -> bool:
    return True


def test_a_hold_that_has_time_left_stays(
    api: Api, asking: School, database: TestDatabase, ops: Engine
) -> None:
    made = book(api, asking, next_monday(9))
    assert expire_holds(ops, next_monday(9) - SECOND, always) == ExpiredHolds()
    assert row_of(database, made["uid"])["status"] == "pending"


def test_what_was_confirmed_meanwhile_stays(
    api: Api, admin: Staff, asking: School, database: TestDatabase, ops: Engine
) -> None:
    made = book(api, asking, next_monday(9))
    admin.post(f"/{made['uid']}/confirm")
    assert expire_holds(ops, next_monday(12), always) == ExpiredHolds()
    assert row_of(database, made["uid"])["status"] == "accepted"


def test_requests_at_calcom_stay(school: School, database: TestDatabase, ops: Engine) -> None:
    database.rows(
        """INSERT INTO "Booking" (uid, "userId", title, "startTime", "endTime", status)
           VALUES ('theirs', :u, 'Theirs', now() - interval '2 days', now() - interval '1 day', 'pending')""",
        u=school.teacher_id,
    )
    assert expire_holds(ops, datetime.now(UTC), always) == ExpiredHolds()
    assert row_of(database, "theirs")["status"] == "pending"


def test_without_time_nothing_is_begun(api: Api, asking: School, database: TestDatabase, ops: Engine) -> None:
    book(api, asking, next_monday(9))
    assert expire_holds(ops, next_monday(9), lambda: False) == ExpiredHolds()


def test_at_its_end_a_hold_frees_its_time_and_everybody_is_told(
    api: Api, asking: School, database: TestDatabase, ops: Engine
) -> None:
    made = book(api, asking, next_monday(9))
    assert expire_holds(ops, next_monday(9), always) == ExpiredHolds(expired=1)
    booking = row_of(database, made["uid"])
    assert booking["status"] == "cancelled"
    told = {"bookingId": booking["id"], "by": "SYSTEM"}
    assert messages(database) == [("booking.expired", told), ("booking.expired", {**told, "to": "teacher"})]
    assert events(database) == [("EXPIRED", "SYSTEM", None, None)]
    assert database.value('SELECT count(*) FROM "TeacherOccupancy"') == 0
    assert broken_invariants(database) == []


def test_run_twice_a_hold_ends_once(api: Api, asking: School, database: TestDatabase, ops: Engine) -> None:
    book(api, asking, next_monday(9))
    assert [expire_holds(ops, next_monday(9), always).expired for _ in range(2)] == [1, 0]
    assert len(events(database)) == 1


def test_what_was_paid_comes_back(api: Api, asking: School, database: TestDatabase, ops: Engine) -> None:
    pay(asking, book(api, asking, next_monday(9))["uid"])
    expire_holds(ops, next_monday(9), always)
    assert refunds(database) == [(1500, "SCHOOL", "PENDING")]


@pytest.mark.parametrize("batch", [1, 2, 3, 100])
def test_holds_of_many_schools_end_however_they_are_batched(
    api: Api,
    asking: School,
    database: TestDatabase,
    ops: Engine,
    monkeypatch: pytest.MonkeyPatch,
    batch: int,
) -> None:
    monkeypatch.setattr(module, "BATCH", batch)
    lotus = make_school(database, "lotus")
    lotus.change("EventType", lotus.lesson_id, requiresConfirmation=True)
    for school in (asking, lotus):
        api.tenant = school.subdomain
        for hour in (9, 10):
            book(api, school, next_monday(hour))
    assert expire_holds(ops, next_monday(10), always) == ExpiredHolds(expired=4)
    assert broken_invariants(database) == []


def test_one_schools_trouble_keeps_no_other_from_its_end(
    api: Api, asking: School, own_database: TestDatabase, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 1)
    aurora, lotus = make_school(own_database, "aurora"), make_school(own_database, "lotus")
    function = load("booking_api", DATABASE_URL=own_database.app_url)
    for school in (aurora, lotus):
        school.change("EventType", school.lesson_id, requiresConfirmation=True)
        book(Api(function, school.subdomain), school, next_monday(9))
    ops = connect_database(own_database.ops_url)
    with own_database.refusing("BookingEvent", f'"tenantId" <> {aurora.id}'):
        assert expire_holds(ops, next_monday(9), always) == ExpiredHolds(expired=1, failed=1)
    assert expire_holds(ops, next_monday(9), always) == ExpiredHolds(expired=1)
    assert broken_invariants(own_database) == []
    ops.dispose()
    function.close()


@pytest.fixture
def schedule(load: Load) -> Iterator[Callable[[TestDatabase], KeepHouse]]:
    """The function's schedule, over a database."""
    functions = []

    def scheduled(database: TestDatabase) -> KeepHouse:
        functions.append(load("housekeeping", OPS_DATABASE_URL=database.ops_url))
        return lambda: dict(functions[-1]({"source": "aws.scheduler", "detail": "{}"}))

    yield scheduled
    for function in functions:
        function.close()


def test_the_function_ends_holds_and_forgets_counts(
    api: Api, asking: School, database: TestDatabase, schedule: Callable[[TestDatabase], KeepHouse]
) -> None:
    made = book(api, asking, next_monday(9))
    database.rows(EXPIRED)
    for age in ("2 days", "1 hour"):
        database.rows(
            f"""INSERT INTO "RequestCount" ("tenantId", kind, subject, "windowStart")
                VALUES (:t, 'test', 's', now() - interval '{age}')""",
            t=asking.id,
        )
    keep_house = schedule(database)
    nothing = {"expired": 0, "offered": 0, "closed": 0, "forgotten": 0, "domains": 0, "failed": 0}
    assert keep_house() == nothing | {"expired": 1, "forgotten": 1}
    assert keep_house() == nothing
    seen = api.get(f"/v1/bookings/{made['uid']}", headers=key_of(made)).json
    assert seen["status"] == "cancelled"
    assert api.post("/v1/bookings", lesson(asking, next_monday(9))).status == 201


def test_a_chore_that_fails_keeps_no_other_from_being_done(
    own_database: TestDatabase,
    schedule: Callable[[TestDatabase], KeepHouse],
    capsys: pytest.CaptureFixture[str],
) -> None:
    own_database.rows('DROP TABLE "WaitlistEntry" CASCADE')
    done = schedule(own_database)()
    assert (done["failed"], done["forgotten"]) == (1, 0)
    assert '"HousekeepingFailed":[1' in capsys.readouterr().out.replace(" ", "")
