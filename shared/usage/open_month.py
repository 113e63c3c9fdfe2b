"""A new month begins for every school: its row of usage is there, and what it has is counted anew."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from shared.database import in_tenant
from shared.one_flush import Statement

# A booking waits for the rows of one batch and not for those of all schools.
BATCH = 1_000

# Counted first and written then, so that what is written is locked for as short as can be. The bookings are
# not touched: one that came first has opened the month, and its count stays.
OPEN = text("""
    WITH counted AS MATERIALIZED (
        SELECT t.id,
               (SELECT count(*) FROM users u
                WHERE u."tenantId" = t.id AND u."tenantRole" = 'TEACHER' AND NOT u.locked) AS teachers,
               (SELECT count(*) FROM "EventType" e
                WHERE e."tenantId" = t.id AND e."isPublished") AS event_types
        FROM "Tenant" t WHERE t.id > :after ORDER BY t.id LIMIT :batch),
    opened AS (
        INSERT INTO "TenantUsage"
            ("tenantId", year, month, "bookingsCount", "teachersCount", "eventTypesCount", "lastResetAt")
        SELECT id, :year, :month, 0, teachers, event_types, CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
        FROM counted ORDER BY id
        ON CONFLICT ("tenantId", year, month) DO UPDATE
        SET "teachersCount" = excluded."teachersCount", "eventTypesCount" = excluded."eventTypesCount",
            "lastResetAt" = excluded."lastResetAt", "updatedAt" = excluded."lastResetAt"
        RETURNING "tenantId")
    SELECT count(*) AS tenants, max("tenantId") AS last FROM opened
""")
# Nobody waits for the disk while others wait for the rows: what a crash undoes the next run does again.
WITHOUT_WAITING: Statement = ("SELECT set_config('synchronous_commit', 'off', true)", ())


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
        opened = in_tenant(database, WITHOUT_WAITING, _batch(after, now))
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
