"""The school publishes a draft in the moment in which the sync rewrites it."""

import threading
import time
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from shared.database import driver_url
from tests.databases import TestDatabase
from tests.immersio.connected import courses_here, pull
from tests.immersio.fake_school import FakeSchool
from tests.schools import School

SOMEBODY_WAITS = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
ENOUGH_SECONDS = 20


def rewritten_while(database: TestDatabase, school: School, there: FakeSchool, change: str) -> dict[str, str]:
    """The titles after a pull that met an uncommitted `change` of the draft c1."""
    engine = create_engine(driver_url(database.owner_url), poolclass=NullPool)
    worker = threading.Thread(target=pull, args=(school, there))
    with engine.begin() as admin:
        values: dict[str, Any] = {"t": school.id}
        admin.execute(
            text(f"""UPDATE "EventType" SET {change} WHERE "tenantId" = :t AND "immersioCourseId" = 'c1'"""),
            values,
        )
        worker.start()
        until = time.monotonic() + ENOUGH_SECONDS
        while not database.value(SOMEBODY_WAITS):
            assert time.monotonic() < until, "the worker never met the change"
            time.sleep(0.01)
    worker.join()
    return courses_here(database, school)


@pytest.mark.parametrize(
    ("change", "title"),
    [
        ("title = 'Ours', \"isPublished\" = true", "Ours"),
        # Its twin: what is still a draft is rewritten, so the worker did write.
        ("title = 'Ours'", "Theirs, changed"),
    ],
)
def test_what_was_published_in_that_moment_is_not_rewritten(
    connected: School, there: FakeSchool, database: TestDatabase, change: str, title: str
) -> None:
    there.put({"id": "c1", "title": "Theirs"})
    pull(connected, there)
    there.put({"id": "c1", "title": "Theirs, changed"})
    assert rewritten_while(database, connected, there, change) == {"c1": title}
