"""A look over everything marks what is gone, and never too much of it."""

from typing import Any

import pytest

from shared.immersio.pull_stream import Outcome
from tests.bookings.life import messages
from tests.databases import TestDatabase
from tests.immersio.connected import pull, state
from tests.immersio.fake_school import FakeSchool
from tests.schools import School


def gone(database: TestDatabase, school: School) -> int:
    return int(
        database.value(
            """SELECT count(*) FROM "EventType" WHERE "tenantId" = :t AND "immersioDeletedAt" IS NOT NULL""",
            t=school.id,
        )
    )


def forget(there: FakeSchool, url: str, kept: int) -> FakeSchool:
    """Immersio as it is when all courses but the first have vanished without a tombstone."""
    other = FakeSchool(url, "key-forgetful", "secret-forgetful")
    other.register()
    other.put_numbered(kept)
    return other


def sweep(database: TestDatabase, school: School, there: Any, **options: Any) -> Any:
    database.rows("""UPDATE "ImmersioSyncState" SET "sweptAt" = NULL""")
    return pull(school, there, **options)


# ── Refusals ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("there_were", "are_left"), [(20, 0), (20, 8), (50, 39)])
def test_more_than_a_fifth_and_more_than_ten_are_held_back_and_the_admins_are_asked(
    connected: School,
    there: FakeSchool,
    database: TestDatabase,
    immersio_url: str,
    there_were: int,
    are_left: int,
) -> None:
    there.put_numbered(there_were)
    pull(connected, there)
    empty = forget(there, immersio_url, are_left)
    assert sweep(database, connected, empty).counts["held"] == there_were - are_left
    assert gone(database, connected) == 0
    assert state(database, connected)["heldRemovals"] == there_were - are_left
    told = {"stream": "courses", "count": there_were - are_left, "userId": connected.admin_id}
    assert messages(database) == [("immersio.removals_held", told)]
    sweep(database, connected, empty)
    assert len(messages(database)) == 1


def test_an_incomplete_look_removes_nothing(
    connected: School, there: FakeSchool, database: TestDatabase, immersio_url: str
) -> None:
    there.put_numbered(6)
    pull(connected, there)
    other = forget(there, immersio_url, 5)
    left = iter([True, False])
    stopped = sweep(database, connected, other, may_go_on=lambda: next(left))
    assert stopped.outcome is Outcome.OUT_OF_TIME
    assert gone(database, connected) == 0
    other.fault("status", status=503)
    assert pull(connected, other).outcome is Outcome.FAILED
    assert gone(database, connected) == 0
    assert pull(connected, other).counts["swept"] == 1


def test_a_row_that_cannot_be_read_is_there_all_the_same(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put_numbered(3)
    pull(connected, there)
    there.put({"id": "c2", "title": "Half \ud800"})
    sweep(database, connected, there)
    assert gone(database, connected) == 0


# ── What is marked ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("there_were", "are_left"), [(12, 2), (60, 48), (3, 0)])
def test_few_are_marked_as_gone(
    connected: School,
    there: FakeSchool,
    database: TestDatabase,
    immersio_url: str,
    there_were: int,
    are_left: int,
) -> None:
    there.put_numbered(there_were)
    pull(connected, there)
    assert sweep(database, connected, forget(there, immersio_url, are_left)).counts["swept"] > 0
    assert gone(database, connected) == there_were - are_left
    assert messages(database) == []


def test_what_an_admin_lets_pass_is_marked_once(
    connected: School, there: FakeSchool, database: TestDatabase, immersio_url: str
) -> None:
    there.put_numbered(20)
    pull(connected, there)
    empty = forget(there, immersio_url, 1)
    sweep(database, connected, empty)
    database.rows("""UPDATE "ImmersioSyncState" SET "removalsAccepted" = true""")
    assert pull(connected, empty).counts["swept"] == 19
    assert gone(database, connected) == 19
    kept = state(database, connected)
    assert (kept["removalsAccepted"], kept["heldRemovals"]) == (False, 0)


def test_what_comes_back_is_not_gone_any_more(
    connected: School, there: FakeSchool, database: TestDatabase, immersio_url: str
) -> None:
    there.put_numbered(3)
    pull(connected, there)
    sweep(database, connected, forget(there, immersio_url, 2))
    assert gone(database, connected) == 1
    sweep(database, connected, there)
    assert gone(database, connected) == 0


def test_a_look_over_everything_leaves_no_sightings_behind(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put_numbered(5)
    pull(connected, there)
    assert database.value('SELECT count(*) FROM "ImmersioSighting"') == 0
