"""One school's flood or outage leaves the others' lag as it was."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from local.fakes.immersio import World, immersio_app
from local.fakes.immersio.faults import Fault
from local.fakes.immersio.schools import School as Theirs
from local.web import serving
from shared.clients.immersio import HttpImmersio
from shared.database import connect_database, in_platform
from shared.immersio.connected_schools import Due, claim_due_streams
from shared.immersio.gate import Timing
from shared.immersio.pull_stream import Outcome
from shared.immersio.sync_stream import sync_stream
from tests.databases import TestDatabase
from tests.immersio.fake_school import ON_THIS_MACHINE
from tests.immersio.simulation import SharedTime
from tests.schools import School, make_school

TURN = timedelta(seconds=20)
QUIET = 4


@dataclass
class OneWorker:
    """A queue with one worker behind it; time passes only where somebody waits, and with every call."""

    world: World
    url: str
    app: Engine
    ops: Engine
    queue: deque[Due] = field(default_factory=deque)
    done_at: dict[Due, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.time = SharedTime(self.world)

    def minute(self) -> None:
        """The schedule asks, and the worker takes one turn after another until all of them had one."""
        due = in_platform(self.ops, lambda c: claim_due_streams(c, self.time.now()))
        self.queue.extend(due)
        for _ in range(len(self.queue)):
            self.turn(self.queue.popleft())

    def turn(self, due: Due) -> None:
        ends = self.time.now() + TURN
        key = self.world.schools[f"key-{due.tenant_id}"].api_key
        client = Slow(self, key)
        timing = Timing(self.time.now, self.time.wait)
        done = sync_stream(
            self.app, due.tenant_id, due.stream, lambda _: client, timing, lambda: self.time.now() < ends
        )
        if done.outcome is Outcome.OUT_OF_TIME:
            self.queue.append(due)
        self.done_at[due] = self.time.now()


class Slow(HttpImmersio):
    """Each call takes a tenth of a second."""

    def __init__(self, worker: OneWorker, key: str) -> None:
        super().__init__(worker.url, key, "secret", ON_THIS_MACHINE, page_size=2, clock=worker.world.elapsed)
        self._worker = worker

    def _ask(self, *asked: object, **more: object) -> object:
        self._worker.time.wait(0.1)
        return super()._ask(*asked, **more)  # type: ignore[arg-type]


@pytest.fixture
def worker(database: TestDatabase) -> Iterator[OneWorker]:
    world = World()
    app, ops = connect_database(database.app_url), connect_database(database.ops_url)
    with serving(immersio_app(world), threads=2) as url:
        yield OneWorker(world, url, app, ops)
    app.dispose()
    ops.dispose()


def joined(worker: OneWorker, database: TestDatabase, name: str, courses: int) -> School:
    school = make_school(database, name)
    theirs = worker.world.schools[f"key-{school.id}"] = Theirs(f"key-{school.id}", ["secret"])
    for number in range(courses):
        theirs.put_course({"id": f"c{number}", "title": f"Course {number}"}, worker.world.now())
    school.change(
        "Tenant", school.id, immersioApiUrl=worker.url, immersioApiKey="sealed", immersioApiSecret="sealed"
    )
    return school


def lag(worker: OneWorker, schools: list[School]) -> timedelta:
    """From the schedule's asking to the last of the schools' courses."""
    begun = worker.time.now()
    worker.minute()
    return max(worker.done_at[Due(school.id, "courses")] for school in schools) - begun


def test_a_flood_costs_the_others_one_turn_and_goes_on_after_them(
    worker: OneWorker, database: TestDatabase
) -> None:
    flood = joined(worker, database, "flood", 200)
    others = [joined(worker, database, f"quiet-{number}", 1) for number in range(QUIET)]
    assert lag(worker, others) < TURN + timedelta(seconds=5)
    assert worker.queue[0] == Due(flood.id, "courses")


def test_without_turns_the_others_would_wait_for_all_of_it(
    worker: OneWorker, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin."""
    monkeypatch.setattr("tests.immersio.test_fair_queue.TURN", timedelta(hours=1))
    joined(worker, database, "flood", 200)
    others = [joined(worker, database, f"quiet-{number}", 1) for number in range(QUIET)]
    assert lag(worker, others) > timedelta(seconds=50)


def test_an_outage_costs_the_others_nothing_once_its_host_is_left_alone(
    worker: OneWorker, database: TestDatabase
) -> None:
    broken = joined(worker, database, "broken", 5)
    others = [joined(worker, database, f"quiet-{number}", 1) for number in range(QUIET)]
    fault = {"kind": "status", "status": 503, "times": 10_000, "apiKey": f"key-{broken.id}"}
    worker.world.faults.add([Fault.model_validate(fault)])
    for _ in range(12):
        assert lag(worker, others) < timedelta(seconds=10)
        worker.time.wait(15 * 60)
    asked = worker.world.schools[f"key-{broken.id}"]
    assert len(asked.requests) == 0
    assert database.value(
        """SELECT min("lastSucceededAt") IS NOT NULL FROM "ImmersioSyncState" WHERE "tenantId" <> :t
           AND stream = 'courses'""",
        t=broken.id,
    )
