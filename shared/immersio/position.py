"""Where the pull of a stream stands, and who may move it.

Whoever begins takes the next number of the fence. A page is kept only under the newest number, in the
transaction that keeps its rows: two workers on a stream cannot interleave, and whoever was taken over
finds out before it writes.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import Connection, text

from shared.clients.immersio import CoursePage
from shared.clients.immersio_errors import ImmersioFailed
from shared.immersio.connected_schools import REFUSALS_THAT_PAUSE

# What changed at Immersio while it answered may carry an earlier time than its clock told.
LOOKBACK = timedelta(minutes=5)

TAKE_FENCE = text("""
    INSERT INTO "ImmersioSyncState" AS s ("tenantId", stream, fence) VALUES (:tenant, :stream, 1)
    ON CONFLICT ("tenantId", stream)
    DO UPDATE SET fence = s.fence + 1, "updatedAt" = now() AT TIME ZONE 'UTC'
    RETURNING fence, watermark AT TIME ZONE 'UTC' AS watermark,
              "nextWatermark" AT TIME ZONE 'UTC' AS next_watermark, cursor, "refusedInARow" AS refusals
""")
KEEP = text("""
    UPDATE "ImmersioSyncState"
    SET watermark = CAST(:watermark AS timestamptz) AT TIME ZONE 'UTC',
        "nextWatermark" = CAST(:next_watermark AS timestamptz) AT TIME ZONE 'UTC',
        cursor = :cursor, "lastErrorCode" = NULL, "refusedInARow" = 0,
        "lastSucceededAt" = CASE WHEN CAST(:finished AS boolean) THEN now() AT TIME ZONE 'UTC'
                                 ELSE "lastSucceededAt" END,
        "updatedAt" = now() AT TIME ZONE 'UTC'
    WHERE "tenantId" = :tenant AND stream = :stream AND fence = :fence
    RETURNING fence
""")
KEEP_FAILURE = text("""
    UPDATE "ImmersioSyncState"
    SET "lastErrorCode" = :code, "updatedAt" = now() AT TIME ZONE 'UTC',
        "refusedInARow" = CASE WHEN CAST(:refused AS boolean) THEN "refusedInARow" + 1 ELSE 0 END
    WHERE "tenantId" = :tenant AND stream = :stream AND fence = :fence
""")
RESTART = text("""
    UPDATE "ImmersioSyncState"
    SET fence = fence + 1, watermark = NULL, "nextWatermark" = NULL, cursor = NULL,
        "lastErrorCode" = NULL, "refusedInARow" = 0, "updatedAt" = now() AT TIME ZONE 'UTC'
    WHERE "tenantId" = :tenant
""")


class TakenOver(Exception):
    """Another worker has begun the same stream since; it goes on from what was kept."""


@dataclass(frozen=True)
class Position:
    """Pages follow `cursor` among what changed since `watermark`; `next_watermark` is for the next pull."""

    tenant_id: int
    stream: str
    fence: int
    watermark: datetime | None = None
    next_watermark: datetime | None = None
    cursor: str | None = None

    @property
    def is_at_the_very_start(self) -> bool:
        return self.watermark is None and self.cursor is None

    def from_the_start(self) -> Self:
        return replace(self, watermark=None, next_watermark=None, cursor=None)

    def after(self, page: CoursePage) -> Self:
        """The clock is Immersio's, as it was on the first page: what changes later comes next time."""
        following = page.as_of - LOOKBACK if self.cursor is None else self.next_watermark
        if page.next_cursor is None:
            return replace(self, watermark=following, next_watermark=None, cursor=None)
        return replace(self, next_watermark=following, cursor=page.next_cursor)


def take_position(connection: Connection, tenant_id: int, stream: str) -> Position | None:
    """Become the one worker of the stream; None when it is paused because its keys were refused."""
    row = connection.execute(TAKE_FENCE, {"tenant": tenant_id, "stream": stream}).one()
    if row.refusals >= REFUSALS_THAT_PAUSE:
        return None
    return Position(tenant_id, stream, row.fence, row.watermark, row.next_watermark, row.cursor)


def keep_position(connection: Connection, position: Position, *, finished: bool) -> None:
    """Keep how far the pull has come, and the state's row locked until the end. Raises TakenOver."""
    kept = connection.execute(
        KEEP,
        {
            **_which(position),
            "watermark": position.watermark,
            "next_watermark": position.next_watermark,
            "cursor": position.cursor,
            "finished": finished,
        },
    )
    if kept.one_or_none() is None:
        raise TakenOver


def keep_failure(connection: Connection, position: Position, failure: ImmersioFailed) -> None:
    """Keep why the pull stopped, unless another worker has taken it over."""
    told = {"code": failure.code, "refused": failure.refused_credentials}
    connection.execute(KEEP_FAILURE, {**_which(position), **told})


def restart_streams(connection: Connection, tenant_id: int) -> None:
    """The school has a new address or new keys: pull everything anew, also when it was paused."""
    connection.execute(RESTART, {"tenant": tenant_id})


def _which(position: Position) -> dict[str, object]:
    return {"tenant": position.tenant_id, "stream": position.stream, "fence": position.fence}
