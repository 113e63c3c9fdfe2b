"""Marking and sweeping: what a pass over everything has not met is gone, unless that is too much at once."""

import json
from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from shared.immersio.schemas import plain_id
from shared.notifications.tell_staff import tell_admins

# More than so many and than such a part of all is rather a mistake there than a deletion.
MOST_AT_ONCE = 10
LARGEST_PART = 0.2

_SEE = text("""
    INSERT INTO "ImmersioSighting" ("tenantId", stream, "externalId")
    SELECT DISTINCT CAST(:tenant AS int), CAST(:stream AS text), seen
    FROM jsonb_array_elements_text(CAST(:seen AS jsonb)) AS seen
    ON CONFLICT DO NOTHING
""")
_FORGET = text('DELETE FROM "ImmersioSighting" WHERE "tenantId" = :tenant AND stream = :stream')
_UNSEEN = """
    "immersioDeletedAt" IS NULL AND NOT EXISTS (
        SELECT FROM "ImmersioSighting" s
        WHERE s."tenantId" = :tenant AND s.stream = :stream AND s."externalId" = {id})
"""
_HERE = {
    "courses": """
        FROM "EventType" here WHERE "tenantId" = :tenant AND "immersioCourseId" IS NOT NULL
    """,
    "students": """
        FROM users here WHERE "tenantId" = :tenant AND "immersioUserId" IS NOT NULL
          AND "tenantRole" = 'STUDENT'
    """,
}
_IDS = {"courses": '"immersioCourseId"', "students": '"immersioUserId"'}
_TABLES = {"courses": '"EventType"', "students": "users"}
_COUNT = {
    stream: text(f"""
        SELECT count(*) FILTER (WHERE "immersioDeletedAt" IS NULL) AS there,
               count(*) FILTER (WHERE {_UNSEEN.format(id=f"here.{_IDS[stream]}")}) AS unseen {here}
    """)  # only the constants above are put in
    for stream, here in _HERE.items()
}
_REMOVE = {
    stream: text(f"""
        WITH removed AS (
            UPDATE {_TABLES[stream]} here
            SET "immersioDeletedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
            WHERE here.id IN (SELECT here.id {here} AND {_UNSEEN.format(id=f"here.{_IDS[stream]}")})
              AND here."tenantId" = :tenant RETURNING {_IDS[stream]} AS id)
        INSERT INTO "ImmersioSyncLog" ("tenantId", "syncType", direction, "resourceType", "resourceId",
                                       status, metadata)
        SELECT CAST(:tenant AS int), CAST(:type AS text), 'PULL', lower(CAST(:type AS text)), id, 'SUCCESS',
               '{{"action": "swept"}}'::jsonb
        FROM removed GROUP BY id
    """)  # noqa: S608  # the same
    for stream, here in _HERE.items()
}
_SWEPT = text("""
    UPDATE "ImmersioSyncState" SET "heldRemovals" = :held, "removalsAccepted" = false,
           "sweptAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
    WHERE "tenantId" = :tenant AND stream = :stream
""")
_STATE = text("""
    SELECT "heldRemovals" AS held, "removalsAccepted" AS accepted
    FROM "ImmersioSyncState" WHERE "tenantId" = :tenant AND stream = :stream
""")


def see(connection: Connection, tenant_id: int, stream: str, rows: list[Any]) -> None:
    """Note what a page has met; a row that we cannot read is there all the same."""
    seen = [plain_id(row) for row in rows if not _is_tombstone(row)]
    if seen:
        told = {"tenant": tenant_id, "stream": stream, "seen": json.dumps(seen)}
        connection.execute(_SEE, told)


def forget_sightings(connection: Connection, tenant_id: int, stream: str) -> None:
    connection.execute(_FORGET, {"tenant": tenant_id, "stream": stream})


def end_sweep(connection: Connection, tenant_id: int, stream: str, now: datetime) -> Counter[str]:
    """Mark what was not met as gone, or ask the admins when that is too much; counts `swept` or `held`.

    The caller holds the stream's fence, and has met everything.
    """
    key = {"tenant": tenant_id, "stream": stream}
    found = connection.execute(_COUNT[stream], key).one()
    state = connection.execute(_STATE, key).one()
    is_held = _is_too_much(found.unseen, found.there) and not state.accepted
    if found.unseen and not is_held:
        kind = {"courses": "COURSE", "students": "STUDENT"}[stream]
        connection.execute(_REMOVE[stream], {**key, "now": now, "type": kind})
    if is_held and not state.held:
        facts = {"stream": stream, "count": found.unseen}
        tell_admins(connection, tenant_id, "immersio.removals_held", facts)
    held = found.unseen if is_held else 0
    connection.execute(_SWEPT, {**key, "now": now, "held": held})
    forget_sightings(connection, tenant_id, stream)
    return Counter({"held" if is_held else "swept": found.unseen}) if found.unseen else Counter()


def _is_too_much(unseen: int, there: int) -> bool:
    return unseen > MOST_AT_ONCE and unseen > there * LARGEST_PART


def _is_tombstone(row: Any) -> bool:
    return isinstance(row, dict) and row.get("status") == "tobedeleted"
