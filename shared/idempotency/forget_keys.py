"""Keys of requests are forgotten when nobody sends those requests again."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, text

# Longer than any client, or person, goes on trying.
KEPT = timedelta(days=7)

_FORGET = text("""
    DELETE FROM "IdempotencyKey" k USING (
        SELECT "tenantId", key FROM "IdempotencyKey"
        WHERE "createdAt" < CAST(:before AS timestamptz) AT TIME ZONE 'UTC'
        ORDER BY "createdAt" LIMIT :batch) old
    WHERE k."tenantId" = old."tenantId" AND k.key = old.key
""")


def forget_keys(connection: Connection, now: datetime, batch: int) -> int:
    """Delete up to `batch` keys, of all schools, that are a week old at `now`; how many."""
    return connection.execute(_FORGET, {"before": now - KEPT, "batch": batch}).rowcount
