"""Whatever breaks, in whatever order: in the end both sides say the same. `make fuzz-sync`: 1,000 lives."""

import os
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine

from local.fakes.immersio import World, immersio_app
from local.fakes.immersio.schools import School as Theirs
from local.web import serving
from shared.database import connect_database
from tests.databases import TestDatabase
from tests.immersio.simulation import Simulation
from tests.invariants import broken_invariants
from tests.schools import School, make_school

RUNS = int(os.environ.get("SYNC_RUNS", "60"))
FIRST_SEED = int(os.environ.get("SYNC_SEED", "0"))
STEPS = 50


@pytest.fixture
def engines(database: TestDatabase) -> Iterator[tuple[Engine, Engine]]:
    made = connect_database(database.app_url), connect_database(database.ops_url)
    yield made
    for engine in made:
        engine.dispose()


def life(database: TestDatabase, engines: tuple[Engine, Engine], seed: int, steps: int) -> Simulation:
    """The school `aurora` after its life, while everything is calm."""
    world = World()
    with serving(immersio_app(world), threads=2) as url:
        school = make_school(database, "aurora")
        key = f"key-{seed}"
        theirs = world.schools[key] = Theirs(key, ["secret"])
        school.change("Tenant", school.id, immersioApiUrl=url, immersioApiKey=key, immersioApiSecret="sealed")
        simulation = Simulation(school, theirs, world, url, *engines, Random(seed))
        simulation.live(steps)
        simulation.calm()
        return simulation


def rows_of(school: School) -> list[dict[str, Any]]:
    """What the sync writes to, of a school that has nothing to do with it."""
    tables = ("EventType", "users", "ImmersioSyncState", "ImmersioSyncLog", "ImmersioPush", "ImmersioGate")
    return [
        row
        for table in tables
        for row in school.database.rows(f'SELECT * FROM "{table}" WHERE "tenantId" = :t', t=school.id)
    ]


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + RUNS))
def test_both_sides_come_to_say_the_same(
    database: TestDatabase, engines: tuple[Engine, Engine], seed: int
) -> None:
    neighbour = make_school(database, "lotus")
    neighbour.change("EventType", neighbour.lesson_id, immersioCourseId="c1")
    before = rows_of(neighbour)
    simulation = life(database, engines, seed, STEPS)
    assert rows_of(neighbour) == before
    assert simulation.differences() == []
    broken = broken_invariants(database)
    assert broken == []
