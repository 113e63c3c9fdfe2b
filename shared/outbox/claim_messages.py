"""Taking what is due from the outbox: nobody else takes it, and no school waits for another's flood."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

# Longer than any invocation lives: what a worker that died had taken is due again after this.
LEASE = timedelta(minutes=5)
BATCH = 20
PER_SCHOOL = 5

_WAITING = '"handledAt" IS NULL AND "parkedAt" IS NULL'
_NOW = "CAST(:now AS timestamptz) AT TIME ZONE 'UTC'"

# The schools are found by leaps over the index, so that the cost grows with how many of them wait and not
# with how much; their first messages come before anybody's second ones. Whoever took a message meanwhile has
# raised its attempts. The rest is so written that no plan is bad when the table's statistics are old, as they
# are in a flood: the order names the index, and the last join finds its rows by their key alone.
CLAIM = text(f"""
    WITH RECURSIVE schools AS (
        (SELECT "tenantId" AS id FROM "OutboxMessage" WHERE {_WAITING}
         ORDER BY "tenantId", "availableAt", id LIMIT 1)
        UNION ALL
        SELECT (SELECT "tenantId" FROM "OutboxMessage" WHERE {_WAITING} AND "tenantId" > schools.id
                ORDER BY "tenantId", "availableAt", id LIMIT 1)
        FROM schools WHERE schools.id IS NOT NULL
    ), due AS MATERIALIZED (
        SELECT next.* FROM schools CROSS JOIN LATERAL (
            SELECT id, attempts, row_number() OVER (ORDER BY "availableAt", id) AS turn FROM "OutboxMessage"
            WHERE "tenantId" = schools.id AND {_WAITING} AND "availableAt" <= {_NOW}
            ORDER BY "availableAt", id LIMIT :per_school) next
    ), claimed AS (
        SELECT o.id, due.turn FROM due JOIN "OutboxMessage" o ON o.id = due.id AND o.attempts = due.attempts
        ORDER BY due.turn, o.id LIMIT :batch FOR UPDATE OF o SKIP LOCKED
    ), taken AS (
        UPDATE "OutboxMessage" o SET attempts = o.attempts + 1,
               "availableAt" = CAST(:leased_until AS timestamptz) AT TIME ZONE 'UTC'
        FROM claimed WHERE o.id = claimed.id
        RETURNING o.id, o."tenantId" AS tenant_id, o.topic, o.payload, o.attempts, claimed.turn
    )
    SELECT id, tenant_id, topic, payload, attempts FROM taken ORDER BY turn, id
""")  # noqa: S608  # only the constants above are put in


@dataclass(frozen=True, slots=True)
class Message:
    """An intention of a school; `attempts` counts this one."""

    id: int
    tenant_id: int
    topic: str
    payload: dict[str, Any]
    attempts: int


def claim_messages(connection: Connection, now: datetime) -> list[Message]:
    """Take up to BATCH messages that are due at `now`, PER_SCHOOL of one school at most.

    An attempt is counted before it is made: a message that kills its worker is given up in the end too.
    """
    asked = {"now": now, "leased_until": now + LEASE, "batch": BATCH, "per_school": PER_SCHOOL}
    return [Message(**row) for row in connection.execute(CLAIM, asked).mappings()]
