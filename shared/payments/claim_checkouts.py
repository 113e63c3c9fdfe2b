"""Taking the checkouts that are to be looked at: nobody else does, and no school waits for another's."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, text

# Longer than any invocation lives: what a worker that died had taken is due again after this.
LEASE = timedelta(minutes=5)
BATCH = 10
PER_SCHOOL = 3

_WAITING = '"lookAt" IS NOT NULL'
_NOW = "CAST(:now AS timestamptz) AT TIME ZONE 'UTC'"

# As the outbox is claimed: by leaps from school to school, their first ones before anybody's second.
_CLAIM = text(f"""
    WITH RECURSIVE schools AS (
        (SELECT "tenantId" AS id FROM "Checkout" WHERE {_WAITING} ORDER BY "tenantId", "lookAt", id LIMIT 1)
        UNION ALL
        SELECT (SELECT "tenantId" FROM "Checkout" WHERE {_WAITING} AND "tenantId" > schools.id
                ORDER BY "tenantId", "lookAt", id LIMIT 1)
        FROM schools WHERE schools.id IS NOT NULL
    ), due AS MATERIALIZED (
        SELECT next.* FROM schools CROSS JOIN LATERAL (
            SELECT id, "lookAt", row_number() OVER (ORDER BY "lookAt", id) AS turn FROM "Checkout"
            WHERE "tenantId" = schools.id AND {_WAITING} AND "lookAt" <= {_NOW}
            ORDER BY "lookAt", id LIMIT :per_school) next
    ), claimed AS (
        SELECT c.id, due.turn FROM due JOIN "Checkout" c ON c.id = due.id AND c."lookAt" = due."lookAt"
        ORDER BY due.turn, c.id LIMIT :batch FOR UPDATE OF c SKIP LOCKED
    )
    UPDATE "Checkout" c SET attempts = c.attempts + 1,
           "lookAt" = CAST(:leased_until AS timestamptz) AT TIME ZONE 'UTC'
    FROM claimed WHERE c.id = claimed.id
    RETURNING c.id, c."tenantId" AS tenant_id, c.attempts, c."lookAt" AT TIME ZONE 'UTC' AS leased_until
""")  # noqa: S608  # only the constants above are put in


@dataclass(frozen=True, slots=True)
class Look:
    """A checkout that is ours to look at until `leased_until`; `attempts` failed so far and this one."""

    id: UUID
    tenant_id: int
    attempts: int
    leased_until: datetime


def claim_checkouts(connection: Connection, now: datetime) -> list[Look]:
    """Take up to BATCH that are due at `now`; the role must see every school."""
    asked = {"now": now, "leased_until": now + LEASE, "batch": BATCH, "per_school": PER_SCHOOL}
    return [Look(**row) for row in connection.execute(_CLAIM, asked).mappings()]
