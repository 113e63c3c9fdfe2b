"""What passes between a school and its host: not too much, and nothing to a host that is in trouble."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from local.fakes.immersio import World, immersio_app
from local.fakes.immersio.schools import School as Theirs
from local.web import serving
from shared.clients.immersio import HttpImmersio
from shared.clients.immersio_errors import ImmersioFailed, wait_told
from shared.database import connect_database
from shared.immersio.gate import FAILURES_THAT_CLOSE, GatedImmersio, Pace, Timing
from tests.bookings.life import messages
from tests.databases import TestDatabase
from tests.immersio.connected import FastTime, gate, pull
from tests.immersio.fake_school import ON_THIS_MACHINE, FakeSchool
from tests.immersio.simulation import SharedTime
from tests.schools import School


@pytest.fixture
def engine(database: TestDatabase) -> Iterator[Engine]:
    made = connect_database(database.app_url)
    yield made
    made.dispose()


def gated(engine: Engine, school: School, there: FakeSchool, clock: FastTime) -> GatedImmersio:
    return GatedImmersio(engine, school.id, "127.0.0.1", there.client(), clock.timing())


def code_of(call: Callable[[], Any]) -> str:
    with pytest.raises(ImmersioFailed) as failure:
        call()
    return failure.value.code


# ── How much ────────────────────────────────────────────────────────────────────────────────────
def limited(database: TestDatabase, school: School, engine: Engine, pace: Pace) -> int:
    """How many of 300 calls, as fast as the gate lets them, were too many for Immersio."""
    world = World()
    theirs = world.schools["key"] = Theirs("key", ["secret"])
    time = SharedTime(world)
    with serving(immersio_app(world), threads=2) as url:
        client = HttpImmersio(url, "key", "secret", ON_THIS_MACHINE, clock=world.elapsed)
        workers = [
            GatedImmersio(engine, school.id, "127.0.0.1", client, Timing(time.now, time.wait, pace))
            for _ in range(3)
        ]
        for number in range(300):
            try:
                workers[number % 3].ping()
            except ImmersioFailed:
                time.wait(60)
    return theirs.limited


def test_three_workers_together_never_call_too_often(
    database: TestDatabase, school: School, engine: Engine
) -> None:
    assert limited(database, school, engine, Pace()) == 0


def test_without_the_gates_pace_they_do(database: TestDatabase, school: School, engine: Engine) -> None:
    assert limited(database, school, engine, Pace(calls_a_minute=6000, burst=1000)) > 0


# ── Trouble ─────────────────────────────────────────────────────────────────────────────────────
def test_a_host_that_fails_again_and_again_is_left_alone_and_then_tried_once(
    connected: School, there: FakeSchool, engine: Engine
) -> None:
    clock = FastTime()
    immersio = gated(engine, connected, there, clock)
    there.fault("status", status=500, times=FAILURES_THAT_CLOSE)
    for _ in range(FAILURES_THAT_CLOSE):
        assert code_of(immersio.ping) == "injected"
    assert code_of(immersio.ping) == "left_alone"
    clock.wait(31)
    there.fault("status", status=500)
    assert code_of(immersio.ping) == "injected"
    assert code_of(immersio.ping) == "left_alone"
    clock.wait(61)
    immersio.ping()
    immersio.ping()


def test_while_one_call_tries_the_host_the_others_wait(
    connected: School, there: FakeSchool, engine: Engine, database: TestDatabase
) -> None:
    clock = FastTime()
    database.rows(
        """INSERT INTO "ImmersioGate" ("tenantId", host, failures) VALUES (:t, '127.0.0.1', 5)""",
        t=connected.id,
    )
    second = gated(engine, connected, there, clock)

    class Trying(HttpImmersio):
        def ping(self) -> None:
            assert code_of(second.ping) == "left_alone"
            super().ping()

    GatedImmersio(engine, connected.id, "127.0.0.1", there.client(Trying), clock.timing()).ping()
    second.ping()


def test_what_the_school_asks_wrongly_is_not_the_hosts_trouble(
    connected: School, there: FakeSchool, engine: Engine, database: TestDatabase
) -> None:
    immersio = gated(engine, connected, there, FastTime())
    there.fault("status", status=404, times=9)
    for _ in range(9):
        assert code_of(immersio.ping) == "injected"
    assert gate(database, connected)["failures"] == 0


def test_one_schools_trouble_is_not_anothers(
    connected: School, there: FakeSchool, engine: Engine, database: TestDatabase
) -> None:
    database.rows(
        """INSERT INTO "ImmersioGate" ("tenantId", host, refusals)
           SELECT id, '127.0.0.1', 3 FROM "Tenant" WHERE subdomain = 'default'"""
    )
    gated(engine, connected, there, FastTime()).ping()


@pytest.mark.parametrize("style", ["seconds", "date", "reset_seconds", "reset_epoch"])
def test_whoever_is_told_to_wait_does_however_it_is_told(
    connected: School, there: FakeSchool, engine: Engine, style: str
) -> None:
    clock = FastTime()
    immersio = gated(engine, connected, there, clock)
    there.fault("rate_limited", seconds=120, style=style)
    assert code_of(immersio.ping) == "rate_limited"
    clock.wait(110)
    assert code_of(immersio.ping) == "left_alone"
    clock.wait(11)
    immersio.ping()


NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0"}, 1),
        ({"retry-after": "86400"}, 300),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "Sun, 22 Nov 2026 10:01:00 GMT"}, 60),
        ({"retry-after": "Sun, 22 Nov 2026 09:01:00 GMT"}, 1),
        ({"ratelimit-reset": "30"}, 30),
        ({"ratelimit-reset": str(int(NOW.timestamp()) + 45)}, 45),
        ({"ratelimit-reset": str(int(NOW.timestamp()) - 45)}, 1),
        ({"retry-after": "9", "ratelimit-reset": "30"}, 9),
        ({"retry-after": "never", "ratelimit-reset": "30"}, 30),
        ({"retry-after": "9" * 400}, None),
    ],
    ids=str,
)
def test_how_long_to_wait_is_read_in_every_style(headers: dict[str, str], seconds: float | None) -> None:
    assert wait_told(headers, NOW.timestamp()) == seconds


# ── Keys that are refused ───────────────────────────────────────────────────────────────────────
def test_the_third_refusal_in_a_row_is_told_to_the_admins_once(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    wrong = there.client(api_secret="secret-of-another")
    for _ in range(5):
        pull(connected, wrong)
    assert messages(database) == [("immersio.paused", {"userId": connected.admin_id})]


def test_a_place_is_kept_until_its_time(connected: School, there: FakeSchool, engine: Engine) -> None:
    """Who waits too long for a place goes on all the same: time passes for everybody."""
    clock = FastTime()
    immersio = gated(engine, connected, there, clock)
    before = clock.offset
    for _ in range(40):
        immersio.ping()
    assert timedelta(seconds=18) < clock.offset - before < timedelta(seconds=28)
