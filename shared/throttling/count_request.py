"""Requests of one kind from one source, counted by windows of time."""

from datetime import datetime

from sqlalchemy import Connection, text

from shared.database import CURRENT_TENANT

# Of a school that does not exist nothing is counted.
_COUNT = text(f"""
    INSERT INTO "RequestCount" AS c ("tenantId", kind, subject, "windowStart")
    SELECT id, :kind, :source, date_bin(make_interval(secs => :seconds),
                                        CAST(:now AS timestamptz) AT TIME ZONE 'UTC', timestamp '2020-01-01')
    FROM "Tenant" WHERE id = {CURRENT_TENANT}
    ON CONFLICT ("tenantId", kind, subject, "windowStart") DO UPDATE SET count = c.count + 1
    RETURNING count
""")  # noqa: S608  # only the constant above is put in


def count_request(connection: Connection, kind: str, source: str, window_seconds: int, now: datetime) -> int:
    """How many of this `kind` came from `source` (a digest) within the window, with this one."""
    asked = {"kind": kind, "source": source, "seconds": window_seconds, "now": now}
    return connection.execute(_COUNT, asked).scalar() or 0
