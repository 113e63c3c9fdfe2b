"""What has been carried out long ago is forgotten; what was given up stays, for a person to look at."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, text

KEPT = timedelta(days=30)

_FORGET = text("""
    DELETE FROM "OutboxMessage" WHERE id IN (
        SELECT id FROM "OutboxMessage"
        WHERE "handledAt" < CAST(:before AS timestamptz) AT TIME ZONE 'UTC'
        ORDER BY "handledAt" LIMIT :batch)
""")


def forget_messages(connection: Connection, now: datetime, batch: int) -> int:
    """Delete up to `batch` messages, of all schools, that were handled 30 days before `now`; how many."""
    return connection.execute(_FORGET, {"before": now - KEPT, "batch": batch}).rowcount
