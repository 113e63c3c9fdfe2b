"""A school whose courses are at the fake Immersio."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.clients.immersio import Immersio
from shared.database import connect_database
from shared.immersio.gate import Pace, Timing
from shared.immersio.pull_stream import Pull
from shared.immersio.schemas import StreamName
from shared.immersio.sync_stream import sync_stream
from tests.databases import TestDatabase
from tests.immersio.fake_school import FakeSchool
from tests.schools import School


def connect(school: School, there: FakeSchool, *, key: str, secret: str) -> None:
    school.change("Tenant", school.id, immersioApiUrl=there.url, immersioApiKey=key, immersioApiSecret=secret)


@dataclass
class FastTime:
    """A clock that goes on as fast as somebody waits for it."""

    offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def wait(self, seconds: float) -> None:
        self.offset += timedelta(seconds=seconds)

    def timing(self, pace: Pace = Pace()) -> Timing:  # noqa: B008  # it cannot be changed
        return Timing(self.now, self.wait, pace)


def pull(
    school: School,
    there: Immersio | FakeSchool,
    *,
    may_go_on: Callable[[], bool] = lambda: True,
    stream: StreamName = "courses",
    clock: FastTime | None = None,
) -> Pull:
    """One pass over a connection of its own, two rows a page when the client is not told."""
    immersio = there.client(page_size=2) if isinstance(there, FakeSchool) else there
    engine = connect_database(school.database.app_url)
    timing = (clock or FastTime()).timing()
    try:
        return sync_stream(engine, school.id, stream, lambda _: immersio, timing, may_go_on)
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


def state(database: TestDatabase, school: School, stream: str = "courses") -> dict[str, Any]:
    (row,) = database.rows(
        """SELECT * FROM "ImmersioSyncState" WHERE "tenantId" = :t AND stream = :stream""",
        t=school.id,
        stream=stream,
    )
    return row


def gate(database: TestDatabase, school: School) -> dict[str, Any]:
    (row,) = database.rows('SELECT * FROM "ImmersioGate" WHERE "tenantId" = :t', t=school.id)
    return row


def students_here(database: TestDatabase, school: School) -> list[dict[str, Any]]:
    """Users that are linked to students, in the order of their making; `written` tells every write."""
    return database.rows(
        """SELECT id, "immersioUserId", email, name, locale, "tenantRole", "immersioSyncStatus",
                  "immersioLastSyncedAt" IS NOT NULL AS synced, "immersioDeletedAt" IS NOT NULL AS gone,
                  CAST(xmin AS text) AS written
           FROM users WHERE "tenantId" = :t AND "immersioUserId" IS NOT NULL ORDER BY id""",
        t=school.id,
    )
