"""How the sync of every school is doing: how late, what fails, what was given up."""

from datetime import datetime
from typing import Any

from pydantic import Field
from sqlalchemy import Connection, text

from shared.fields import Document, Id
from shared.immersio.connected_schools import REFUSALS_THAT_PAUSE
from shared.immersio.schemas import StreamName


class StreamHealth(Document):
    stream: StreamName
    lag_seconds: int | None = Field(None, description="Since it was last brought to its end")
    failing_since: datetime | None = None
    error_code: str | None = None
    held_removals: int = Field(0, description="Deletions at Immersio that wait for an admin's word")


class SchoolHealth(Document):
    tenant_id: Id
    subdomain: str
    paused: bool = Field(description="Its keys were refused three times in a row")
    streams: list[StreamHealth]
    waiting_pushes: int
    parked_pushes: int = Field(description="Failing for less than a day, and tried again")
    dead_pushes: int = Field(description="Given up; they wait for somebody who has them tried again")


class SyncHealth(Document):
    schools: list[SchoolHealth]
    next_cursor: Id | None = None


class SyncHealthQuery(Document):
    cursor: int = Field(0, ge=0, lt=1 << 31)
    limit: int = Field(50, ge=1, le=100)


_HEALTH = text("""
    SELECT t.id, t.subdomain, gate.paused, streams.told,
           coalesce(pushes.waiting, 0) AS waiting, coalesce(pushes.parked, 0) AS parked,
           coalesce(pushes.dead, 0) AS dead
    FROM "Tenant" t
    CROSS JOIN LATERAL (
        SELECT json_agg(json_build_object(
                   'stream', s.stream,
                   'lag_seconds', floor(extract(epoch FROM at.now - s."lastSucceededAt"))::int,
                   'failing_since', to_char(s."failingSince", 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                   'error_code', s."lastErrorCode",
                   'held_removals', s."heldRemovals") ORDER BY s.stream) AS told
        FROM "ImmersioSyncState" s, (SELECT CAST(:now AS timestamptz) AT TIME ZONE 'UTC' AS now) at
        WHERE s."tenantId" = t.id) streams
    CROSS JOIN LATERAL (
        SELECT coalesce(bool_or(g.refusals >= :refusals), false) AS paused
        FROM "ImmersioGate" g WHERE g."tenantId" = t.id) gate
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE "dueAt" IS NOT NULL AND "failingSince" IS NULL) AS waiting,
               count(*) FILTER (WHERE "dueAt" IS NOT NULL AND "failingSince" IS NOT NULL) AS parked,
               count(*) FILTER (WHERE "deadAt" IS NOT NULL) AS dead
        FROM "ImmersioPush" p WHERE p."tenantId" = t.id AND ("dueAt" IS NOT NULL OR "deadAt" IS NOT NULL)
    ) pushes
    WHERE t.id > :after AND coalesce(t."immersioApiUrl", '') <> '' AND (:only = 0 OR t.id = :only)
    ORDER BY t.id LIMIT :limit
""")
_TOTALS = text("""
    SELECT (SELECT count(*) FROM "ImmersioPush" WHERE "deadAt" IS NOT NULL) AS dead,
           (SELECT count(*) FROM "ImmersioSyncState" s
            WHERE s."failingSince" < CAST(:now AS timestamptz) AT TIME ZONE 'UTC' - interval '24 hours'
           ) AS stalled
""")  # fmt: skip


def sync_health(connection: Connection, query: SyncHealthQuery, now: datetime) -> SyncHealth:
    """Of the schools that have an address there, by id; the connection's role must see every tenant."""
    rows = connection.execute(_HEALTH, _asked(query.cursor, query.limit + 1, 0, now)).all()
    schools = [_school(row) for row in rows[: query.limit]]
    more = len(rows) > query.limit
    return SyncHealth(schools=schools, next_cursor=schools[-1].tenant_id if more else None)


def health_of_school(connection: Connection, tenant_id: int, now: datetime) -> SchoolHealth | None:
    """Of one school; None for one that has no address there."""
    row = connection.execute(_HEALTH, _asked(0, 1, tenant_id, now)).one_or_none()
    return None if row is None else _school(row)


def count_trouble(connection: Connection, now: datetime) -> dict[str, int]:
    """Over all schools: pushes that were given up, and streams that have failed for a day."""
    row = connection.execute(_TOTALS, {"now": now}).one()
    return {"dead": row.dead, "stalled": row.stalled}


def _asked(after: int, limit: int, only: int, now: datetime) -> dict[str, Any]:
    return {"after": after, "limit": limit, "only": only, "now": now, "refusals": REFUSALS_THAT_PAUSE}


def _school(row: Any) -> SchoolHealth:
    return SchoolHealth(
        tenant_id=row.id,
        subdomain=row.subdomain,
        paused=row.paused,
        streams=[StreamHealth(**each) for each in row.told or ()],
        waiting_pushes=row.waiting,
        parked_pushes=row.parked,
        dead_pushes=row.dead,
    )
