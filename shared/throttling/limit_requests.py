"""Requests of one kind from one source are counted by windows of time; who asks too often is told to wait."""

from datetime import datetime

from sqlalchemy import Connection, TextClause, text

from shared.errors import TooManyRequests
from shared.tenant_scope import CURRENT_TENANT

WINDOW_SECONDS = 10 * 60

_WINDOW = """date_bin(make_interval(secs => :seconds), CAST(:now AS timestamptz) AT TIME ZONE 'UTC',
                        timestamp '2020-01-01')"""
# Of a school that does not exist nothing is counted.
_COUNT = text(f"""
    INSERT INTO "RequestCount" AS c ("tenantId", kind, subject, "windowStart")
    SELECT id, :kind, :source, {_WINDOW} FROM "Tenant" WHERE id = {CURRENT_TENANT}
    ON CONFLICT ("tenantId", kind, subject, "windowStart") DO UPDATE SET count = c.count + 1
    RETURNING count
""")  # noqa: S608  # only the constants above are put in
_COUNTED = text(f"""
    SELECT count FROM "RequestCount"
    WHERE "tenantId" = {CURRENT_TENANT} AND kind = :kind AND subject = :source AND "windowStart" = {_WINDOW}
""")  # noqa: S608  # the same


def limit_requests(connection: Connection, kind: str, source: str, most: int, now: datetime) -> None:
    """Count one of this `kind` from `source`, a digest. Raises TooManyRequests beyond `most` in a window."""
    if _told(connection, _COUNT, kind, source, now) > most:
        raise TooManyRequests


def refuse_limited(connection: Connection, kind: str, source: str, most: int, now: datetime) -> None:
    """The same without counting: TooManyRequests for whom the next one to be counted would be too many."""
    if _told(connection, _COUNTED, kind, source, now) >= most:
        raise TooManyRequests


def _told(connection: Connection, counted: TextClause, kind: str, source: str, now: datetime) -> int:
    asked = {"kind": kind, "source": source, "seconds": WINDOW_SECONDS, "now": now}
    return connection.execute(counted, asked).scalar() or 0
