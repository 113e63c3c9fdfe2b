"""Where the pull of a stream stands, and who may move it.

Whoever begins takes the next number of the fence. A page is kept only under the newest number, in the
transaction that keeps its rows: two workers on a stream cannot interleave, and whoever was taken over
finds out before it writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import ARRAY, Connection, Text, bindparam, text

from shared.clients.immersio_errors import ImmersioFailed
from shared.outbox.retry_delay import retry_delay

# What changed at Immersio while it answered may carry an earlier time than its clock told.
LOOKBACK = timedelta(minutes=5)
# Longer than an invocation lives: what a worker that died had taken is due again after this.
LEASE = timedelta(minutes=10)
PULLED_EVERY = timedelta(minutes=15)
SWEPT_EVERY = timedelta(hours=24)

_NOW = "CAST(:now AS timestamptz) AT TIME ZONE 'UTC'"
TAKE_FENCE = text(f"""
    INSERT INTO "ImmersioSyncState" AS s ("tenantId", stream, fence, "dueAt")
    VALUES (:tenant, :stream, 1, CAST(:leased_until AS timestamptz) AT TIME ZONE 'UTC')
    ON CONFLICT ("tenantId", stream)
    DO UPDATE SET fence = s.fence + 1, "dueAt" = excluded."dueAt", "updatedAt" = {_NOW}
    RETURNING fence, watermark AT TIME ZONE 'UTC' AS watermark,
              "nextWatermark" AT TIME ZONE 'UTC' AS next_watermark, cursor, "isSweep" AS is_sweep,
              "sweptAt" AT TIME ZONE 'UTC' AS swept_at, "removalsAccepted" AS removals_accepted, scope, known
""")  # noqa: S608  # only the constant above is put in
KEEP = text(f"""
    UPDATE "ImmersioSyncState"
    SET watermark = CAST(:watermark AS timestamptz) AT TIME ZONE 'UTC',
        "nextWatermark" = CAST(:next_watermark AS timestamptz) AT TIME ZONE 'UTC',
        cursor = :cursor, "isSweep" = :is_sweep, scope = :scope, known = :known,
        "lastErrorCode" = NULL, attempts = 0, "failingSince" = NULL, "updatedAt" = {_NOW}
    WHERE "tenantId" = :tenant AND stream = :stream AND fence = :fence
    RETURNING fence
""").bindparams(  # noqa: S608  # the same
    bindparam("scope", type_=ARRAY(Text)), bindparam("known", type_=ARRAY(Text))
)
# Whoever asked for it meanwhile has ended the lease.
FINISH = text(f"""
    UPDATE "ImmersioSyncState" SET "lastSucceededAt" = {_NOW}, "lastErrorCode" = NULL, attempts = 0,
        "failingSince" = NULL,
        "dueAt" = CASE WHEN "dueAt" <= {_NOW} THEN {_NOW}
                       ELSE CAST(:due AS timestamptz) AT TIME ZONE 'UTC' END
    WHERE "tenantId" = :tenant AND stream = :stream AND fence = :fence
    RETURNING fence
""")  # noqa: S608  # the same
KEEP_FAILURE = text(f"""
    UPDATE "ImmersioSyncState"
    SET "lastErrorCode" = :code, attempts = attempts + 1, "updatedAt" = {_NOW},
        "failingSince" = coalesce("failingSince", {_NOW}),
        "dueAt" = CAST(:due AS timestamptz) AT TIME ZONE 'UTC'
    WHERE "tenantId" = :tenant AND stream = :stream AND fence = :fence
""")  # noqa: S608  # the same
TOUCH = text(f"""
    INSERT INTO "ImmersioSyncState" AS s ("tenantId", stream, "dueAt")
    SELECT :tenant, stream, {_NOW} FROM unnest(CAST(:streams AS text[])) AS stream
    ON CONFLICT ("tenantId", stream) DO UPDATE SET "dueAt" = least(s."dueAt", excluded."dueAt")
""").bindparams(bindparam("streams", type_=ARRAY(Text)))  # noqa: S608  # the same
ATTEMPTS = text("""
    SELECT attempts FROM "ImmersioSyncState" WHERE "tenantId" = :tenant AND stream = :stream
""")
RESTART = text("""
    UPDATE "ImmersioSyncState"
    SET fence = fence + 1, watermark = NULL, "nextWatermark" = NULL, cursor = NULL, "isSweep" = false,
        scope = '{}', known = '{}', "lastErrorCode" = NULL, attempts = 0, "failingSince" = NULL,
        "heldRemovals" = 0, "removalsAccepted" = false, "sweptAt" = NULL, "dueAt" = CURRENT_TIMESTAMP,
        "updatedAt" = CURRENT_TIMESTAMP
    WHERE "tenantId" = :tenant
""")


class TakenOver(Exception):
    """Another worker has begun the same stream since; it goes on from what was kept."""


@dataclass(frozen=True)
class Position:
    """Pages follow `cursor` among what changed since `watermark`; `next_watermark` is for the next pull.

    A sweep goes over everything and may remove what it has not met. `scope` names what the pass under way
    walks through, `known` what the last one did, where a stream is made of several lists.
    """

    tenant_id: int
    stream: str
    fence: int
    watermark: datetime | None = None
    next_watermark: datetime | None = None
    cursor: str | None = None
    is_sweep: bool = False
    scope: tuple[str, ...] = ()
    known: tuple[str, ...] = ()

    @property
    def is_at_the_start(self) -> bool:
        return self.cursor is None

    @property
    def is_at_the_very_start(self) -> bool:
        return self.watermark is None and self.cursor is None

    def from_the_start(self) -> Self:
        return replace(self, watermark=None, next_watermark=None, cursor=None, is_sweep=True, known=())

    def after(self, as_of: datetime | None, next_cursor: str | None) -> Self:
        """The clock is Immersio's, as it was on the first page: what changes later comes next time."""
        following = self.next_watermark or (as_of and as_of - LOOKBACK)
        if next_cursor is not None:
            return replace(self, next_watermark=following, cursor=next_cursor)
        return replace(self, watermark=following, next_watermark=None, cursor=None, known=self.scope)


def take_position(connection: Connection, tenant_id: int, stream: str, now: datetime) -> Position:
    """Become the one worker of the stream, where the last one stopped or for a pass of its own.

    A pass over everything begins when the last one is long ago or was asked for.
    """
    asked = {"tenant": tenant_id, "stream": stream, "now": now, "leased_until": now + LEASE}
    row = connection.execute(TAKE_FENCE, asked).one()
    position = Position(
        tenant_id,
        stream,
        row.fence,
        row.watermark,
        row.next_watermark,
        row.cursor,
        row.is_sweep,
        tuple(row.scope),
        tuple(row.known),
    )
    is_old = row.swept_at is None or row.swept_at + SWEPT_EVERY <= now or row.removals_accepted
    if position.is_at_the_start and (is_old or position.watermark is None):
        return position.from_the_start()
    return replace(position, is_sweep=False) if position.is_at_the_start else position


def keep_position(connection: Connection, position: Position, now: datetime) -> None:
    """Keep how far the pull has come, and the state's row locked until the end. Raises TakenOver."""
    kept = connection.execute(
        KEEP,
        {
            **_which(position),
            "watermark": position.watermark,
            "next_watermark": position.next_watermark,
            "cursor": position.cursor,
            "is_sweep": position.is_sweep,
            "scope": list(position.scope),
            "known": list(position.known),
            "now": now,
        },
    )
    if kept.one_or_none() is None:
        raise TakenOver


def finish(connection: Connection, position: Position, now: datetime, due: datetime) -> None:
    """All is done until `due`. Raises TakenOver."""
    if connection.execute(FINISH, {**_which(position), "now": now, "due": due}).one_or_none() is None:
        raise TakenOver


def keep_failure(connection: Connection, position: Position, failure: ImmersioFailed, now: datetime) -> None:
    """Keep why it stopped and when to go on, unless another worker has taken it over.

    What would only repeat itself is tried again when the next pull is due anyway.
    """
    attempts = connection.execute(ATTEMPTS, _which(position)).scalar_one_or_none() or 0
    wait = PULLED_EVERY
    if failure.retryable:
        wait = timedelta(seconds=failure.retry_after) if failure.retry_after else retry_delay(attempts + 1)
    connection.execute(
        KEEP_FAILURE, {**_which(position), "code": failure.code, "now": now, "due": now + wait}
    )


def touch_streams(connection: Connection, tenant_id: int, streams: Sequence[str], now: datetime) -> None:
    """Somebody knows that there is something to do: they are due at once."""
    connection.execute(TOUCH, {"tenant": tenant_id, "streams": list(streams), "now": now})


def restart_streams(connection: Connection, tenant_id: int) -> None:
    """The school has a new address or new keys: pull everything anew."""
    connection.execute(RESTART, {"tenant": tenant_id})


def _which(position: Position) -> dict[str, Any]:
    return {"tenant": position.tenant_id, "stream": position.stream, "fence": position.fence}
