"""The counters are compared with what they count, and repaired where somebody else changed either."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from shared.database import in_platform

BATCH = 1_000

# What counts: the bookings made here, but for those that go on from another one, by the month (UTC) in which
# they were made.
_MADE = """
    SELECT "tenantId", extract(year FROM "createdAt")::int AS year,
           extract(month FROM "createdAt")::int AS month, count(*) AS made
    FROM "Booking"
    WHERE "manageToken" IS NOT NULL AND "fromReschedule" IS NULL AND {tenants} GROUP BY 1, 2, 3
"""
# One statement sees a booking and its being counted, or neither: who is named here is wrong indeed.
_WRONG = text(f"""
    WITH batch AS (SELECT id FROM "Tenant" WHERE id > :after ORDER BY id LIMIT :batch)
    SELECT (SELECT max(id) FROM batch) AS last, array_agg(DISTINCT wrong.id) AS ids
    FROM (
        SELECT coalesce(u."tenantId", made."tenantId") AS id
        FROM (SELECT * FROM "TenantUsage" WHERE "tenantId" IN (SELECT id FROM batch)) u
        FULL JOIN ({_MADE.format(tenants='"tenantId" IN (SELECT id FROM batch)')}) made
            ON made."tenantId" = u."tenantId" AND made.year = u.year AND made.month = u.month
        WHERE coalesce(u."bookingsCount", 0) <> coalesce(made.made, 0)
        UNION ALL
        SELECT u."tenantId" FROM "TenantUsage" u
        WHERE u."tenantId" IN (SELECT id FROM batch) AND u.year = :year AND u.month = :month
          AND (u."teachersCount" <> (SELECT count(*) FROM users t WHERE t."tenantId" = u."tenantId"
                                       AND t."tenantRole" = 'TEACHER' AND NOT t.locked)
               OR u."eventTypesCount" <> (SELECT count(*) FROM "EventType" e
                                          WHERE e."tenantId" = u."tenantId" AND e."isPublished"))
    ) wrong
""")  # noqa: S608  # only the constants above are put in
# Three statements: each sees what was committed before it began. A booking that is counted first is waited
# for and then seen; one that comes later waits, is not seen, and adds itself to what was repaired.
_OPEN = text(f"""
    INSERT INTO "TenantUsage" ("tenantId", year, month, "bookingsCount")
    SELECT "tenantId", year, month, 0
    FROM ({_MADE.format(tenants='"tenantId" = :tenant')}) made ORDER BY year, month
    ON CONFLICT ("tenantId", year, month) DO NOTHING
""")  # noqa: S608  # the same
_LOCK = text("""
    SELECT FROM "TenantUsage" WHERE "tenantId" = :tenant ORDER BY year, month FOR NO KEY UPDATE
""")
_REPAIR = text(f"""
    WITH made AS ({_MADE.format(tenants='"tenantId" = :tenant')}),
    counted AS (
        SELECT u.id, coalesce(made.made, 0) AS bookings, u.year = :year AND u.month = :month AS is_now
        FROM "TenantUsage" u LEFT JOIN made ON made.year = u.year AND made.month = u.month
        WHERE u."tenantId" = :tenant)
    UPDATE "TenantUsage" u SET "bookingsCount" = counted.bookings,
        "updatedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC',
        "teachersCount" = CASE WHEN counted.is_now
            THEN (SELECT count(*) FROM users t WHERE t."tenantId" = :tenant
                    AND t."tenantRole" = 'TEACHER' AND NOT t.locked)
            ELSE u."teachersCount" END,
        "eventTypesCount" = CASE WHEN counted.is_now
            THEN (SELECT count(*) FROM "EventType" e WHERE e."tenantId" = :tenant AND e."isPublished")
            ELSE u."eventTypesCount" END
    FROM counted
    WHERE u.id = counted.id AND u."tenantId" = :tenant
      AND (counted.is_now OR u."bookingsCount" <> counted.bookings)
""")  # noqa: S608  # the same


@dataclass(frozen=True, slots=True)
class Recounted:
    """The ids of the schools whose counters were wrong."""

    repaired: list[int]


def recount_usage(database: Engine, now: datetime) -> Recounted:
    """Count the bookings of all months, and the teachers and event types of this one, for all schools.

    Nothing is locked but the counters of a school that is wrong, while it is repaired; bookings go on
    meanwhile. `now` is aware, in UTC; the engine's role sees every school.
    """
    repaired: list[int] = []
    after: int | None = 0
    while after is not None:
        after, wrong = in_platform(database, _wrong(after, now))
        for tenant_id in wrong:
            in_platform(database, _repair(tenant_id, now))
            repaired.append(tenant_id)
    return Recounted(repaired)


def _wrong(after: int, now: datetime) -> Callable[[Connection], tuple[int | None, list[int]]]:
    asked = {"after": after, "batch": BATCH, "year": now.year, "month": now.month}

    def work(connection: Connection) -> tuple[int | None, list[int]]:
        found = connection.execute(_WRONG, asked).one()
        return found.last, sorted(found.ids or [])

    return work


def _repair(tenant_id: int, now: datetime) -> Callable[[Connection], None]:
    asked = {"tenant": tenant_id, "year": now.year, "month": now.month, "now": now}

    def work(connection: Connection) -> None:
        connection.execute(_OPEN, {"tenant": tenant_id})
        connection.execute(_LOCK, {"tenant": tenant_id})
        connection.execute(_REPAIR, asked)

    return work
