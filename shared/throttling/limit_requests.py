"""Requests of one kind from one source are counted by windows of time; who asks too often is told to wait."""

from datetime import datetime

from sqlalchemy import Connection, text

from shared.errors import TooManyRequests
from shared.tenant_scope import CURRENT_TENANT

WINDOW_SECONDS = 10 * 60

# Of a school that does not exist nothing is counted.
_COUNT = text(f"""
    INSERT INTO "RequestCount" AS c ("tenantId", kind, subject, "windowStart")
    SELECT id, :kind, :source, date_bin(make_interval(secs => :seconds),
                                        CAST(:now AS timestamptz) AT TIME ZONE 'UTC', timestamp '2020-01-01')
    FROM "Tenant" WHERE id = {CURRENT_TENANT}
    ON CONFLICT ("tenantId", kind, subject, "windowStart") DO UPDATE SET count = c.count + 1
    RETURNING count
""")  # noqa: S608  # only the constant above is put in


def limit_requests(connection: Connection, kind: str, source: str, most: int, now: datetime) -> None:
    """Count one of this `kind` from `source`, a digest. Raises TooManyRequests beyond `most` in a window."""
    asked = {"kind": kind, "source": source, "seconds": WINDOW_SECONDS, "now": now}
    if (connection.execute(_COUNT, asked).scalar() or 0) > most:
        raise TooManyRequests
