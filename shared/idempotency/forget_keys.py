"""Keys of requests are forgotten when nobody sends those requests again."""

from sqlalchemy import Connection, text

# A week is longer than any client, or person, goes on trying. By the database's clock, which also dated them.
_FORGET = text("""
    DELETE FROM "IdempotencyKey" k USING (
        SELECT "tenantId", key FROM "IdempotencyKey"
        WHERE "createdAt" < localtimestamp - interval '7 days'
        ORDER BY "createdAt" LIMIT :batch) old
    WHERE k."tenantId" = old."tenantId" AND k.key = old.key
""")


def forget_keys(connection: Connection, batch: int) -> int:
    """Delete up to `batch` keys, of all schools, that are more than a week old; how many they were."""
    return connection.execute(_FORGET, {"batch": batch}).rowcount
