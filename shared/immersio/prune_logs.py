"""The log of the sync is kept for 90 days, the hints of its webhooks for as long as they may come again."""

from datetime import datetime

from sqlalchemy import Connection, text

# So many a time that nobody waits.
MOST_AT_ONCE = 5_000

_PRUNE = text("""
    DELETE FROM "ImmersioSyncLog" WHERE id IN (
        SELECT id FROM "ImmersioSyncLog"
        WHERE "syncedAt" < CAST(:now AS timestamptz) AT TIME ZONE 'UTC' - interval '90 days'
        ORDER BY "syncedAt" LIMIT :most)
""")
_FORGET_HINTS = text("""
    DELETE FROM "WebhookEvent" WHERE ("tenantId", provider, "eventId") IN (
        SELECT "tenantId", provider, "eventId" FROM "WebhookEvent"
        WHERE provider = 'IMMERSIO'
          AND "receivedAt" < CAST(:now AS timestamptz) AT TIME ZONE 'UTC' - interval '7 days'
        LIMIT :most)
""")


def prune_logs(connection: Connection, now: datetime) -> int:
    """How many rows were too old, of all schools."""
    told = {"now": now, "most": MOST_AT_ONCE}
    return sum(connection.execute(statement, told).rowcount for statement in (_PRUNE, _FORGET_HINTS))
