"""Counted requests are forgotten when nobody asks for their window any more."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, text

KEPT = timedelta(days=1)

_FORGET = text("""
    DELETE FROM "RequestCount" WHERE "windowStart" < CAST(:before AS timestamptz) AT TIME ZONE 'UTC'
""")


def forget_request_counts(connection: Connection, now: datetime) -> int:
    """Delete the windows that began more than a day before `now`, of all schools; how many they were."""
    return connection.execute(_FORGET, {"before": now - KEPT}).rowcount
