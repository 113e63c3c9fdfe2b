"""A new month begins for every school: its row of usage is there, and what it has is counted anew."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from shared.database import in_platform

# A booking waits for the rows of one batch and not for those of all schools.
BATCH = 5_000

# The bookings are not touched: one that came first has opened the month, and its count stays.
OPEN = text("""
    WITH batch AS (SELECT id FROM "Tenant" WHERE id > :after ORDER BY id LIMIT :batch),
    opened AS (
        INSERT INTO "TenantUsage"
            ("tenantId", year, month, "bookingsCount", "teachersCount", "eventTypesCount", "lastResetAt")
        SELECT batch.id, :year, :month, 0,
               (SELECT count(*) FROM users u
                WHERE u."tenantId" = batch.id AND u."tenantRole" = 'TEACHER' AND NOT u.locked),
               (SELECT count(*) FROM "EventType" e WHERE e."tenantId" = batch.id AND e."isPublished"),
               CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
        FROM batch ORDER BY batch.id
        ON CONFLICT ("tenantId", year, month) DO UPDATE
        SET "teachersCount" = excluded."teachersCount", "eventTypesCount" = excluded."eventTypesCount",
            "lastResetAt" = excluded."lastResetAt", "updatedAt" = excluded."lastResetAt"
        RETURNING "tenantId")
    SELECT count(*) AS tenants, max("tenantId") AS last FROM opened
""")


@dataclass(frozen=True, slots=True)
class OpenedMonth:
    """`month` as `2026-12`, and of how many schools it was opened."""

    month: str
    tenants: int


def open_month(database: Engine, now: datetime) -> OpenedMonth:
    """Open the month (UTC) of `now` for all schools, in transactions of BATCH; `now` is aware, in UTC.

    Run twice, late, or after bookings of that month, the counts are the same; months that have passed stay.
    """
    tenants, after = 0, 0
    while True:
        opened = in_platform(database, _batch(after, now))
        tenants += opened[0]
        if opened[0] < BATCH:
            return OpenedMonth(f"{now:%Y-%m}", tenants)
        after = opened[1]


def _batch(after: int, now: datetime) -> Callable[[Connection], tuple[int, int]]:
    asked = {"after": after, "batch": BATCH, "year": now.year, "month": now.month, "now": now}

    def work(connection: Connection) -> tuple[int, int]:
        opened = connection.execute(OPEN, asked).one()
        return opened.tenants, opened.last

    return work
