"""A school whose courses are at the fake Immersio."""

from collections.abc import Callable
from typing import Any

from shared.clients.immersio import Immersio
from shared.database import connect_database
from shared.immersio.pull_courses import Pull, pull_courses
from tests.databases import TestDatabase
from tests.immersio.fake_school import FakeSchool
from tests.schools import School


def connect(school: School, there: FakeSchool, *, key: str, secret: str) -> None:
    school.change("Tenant", school.id, immersioApiUrl=there.url, immersioApiKey=key, immersioApiSecret=secret)


def pull(
    school: School, there: Immersio | FakeSchool, *, may_go_on: Callable[[], bool] = lambda: True
) -> Pull:
    """One pull over a connection of its own, two courses a page when the client is not told."""
    immersio = there.client(page_size=2) if isinstance(there, FakeSchool) else there
    engine = connect_database(school.database.app_url)
    try:
        return pull_courses(engine, school.id, lambda _: immersio, may_go_on)
    finally:
        engine.dispose()


def event_types(database: TestDatabase, school: School) -> list[dict[str, Any]]:
    """What the sync made or may change, in the order of its making; `written` tells every write."""
    return database.rows(
        """SELECT id, title, slug, description, length, hidden, "isPublished", "immersioCourseId", "userId",
                  CAST(xmin AS text) AS written
           FROM "EventType" WHERE "tenantId" = :t AND "immersioCourseId" IS NOT NULL ORDER BY id""",
        t=school.id,
    )


def courses_here(database: TestDatabase, school: School) -> dict[str, str]:
    """Titles by course."""
    return {row["immersioCourseId"]: row["title"] for row in event_types(database, school)}


def log(database: TestDatabase, school: School) -> list[dict[str, Any]]:
    return database.rows(
        """SELECT "resourceId", status, "errorCode", "errorMessage", metadata->>'action' AS action
           FROM "ImmersioSyncLog" WHERE "tenantId" = :t ORDER BY id""",
        t=school.id,
    )


def state(database: TestDatabase, school: School) -> dict[str, Any]:
    (row,) = database.rows('SELECT * FROM "ImmersioSyncState" WHERE "tenantId" = :t', t=school.id)
    return row
