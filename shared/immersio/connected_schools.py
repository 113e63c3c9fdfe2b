"""Which schools are to be synchronised, and what of them is due."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Connection, Row, Text, bindparam, text

from shared.immersio.position import LEASE
from shared.immersio.schemas import StreamName
from shared.plans.plans import PLANS

# So often in a row Immersio may refuse the keys before the school's sync is paused.
REFUSALS_THAT_PAUSE = 3
STREAMS: tuple[StreamName, ...] = ("courses", "students", "bookings")

_PLANS = [name for name, plan in PLANS.items() if "immersioSync" in plan.features]
CONNECTED = """
    t."subscriptionStatus" = 'ACTIVE' AND t."immersioApiUrl" <> '' AND t."immersioApiKey" <> ''
    AND t."immersioApiSecret" <> '' AND coalesce(t.settings->>'immersioSync', '') <> 'off'
    AND CASE t.features->>'immersioSync' WHEN 'true' THEN true WHEN 'false' THEN false
             ELSE t."subscriptionPlan" = ANY(:plans) END
"""
PAUSED = """
    EXISTS (SELECT FROM "ImmersioGate" g WHERE g."tenantId" = t.id AND g.refusals >= :refusals)
"""
# Each is leased, so that the next minute does not ask again.
CLAIM = text(f"""
    WITH due AS (
        SELECT t.id, stream.name, turn FROM "Tenant" t
        CROSS JOIN unnest(CAST(:streams AS text[])) WITH ORDINALITY AS stream (name, turn)
        LEFT JOIN "ImmersioSyncState" s ON s."tenantId" = t.id AND s.stream = stream.name
        WHERE {CONNECTED} AND NOT {PAUSED}
          AND (s."tenantId" IS NULL OR s."dueAt" <= CAST(:now AS timestamptz) AT TIME ZONE 'UTC'))
    INSERT INTO "ImmersioSyncState" AS s ("tenantId", stream, "dueAt")
    SELECT id, name, CAST(:leased_until AS timestamptz) AT TIME ZONE 'UTC' FROM due ORDER BY id, turn
    ON CONFLICT ("tenantId", stream) DO UPDATE SET "dueAt" = excluded."dueAt"
        WHERE s."dueAt" <= CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
    RETURNING s."tenantId" AS tenant_id, s.stream
""").bindparams(  # noqa: S608  # only the constants above are put in
    bindparam("streams", type_=ARRAY(Text)), bindparam("plans", type_=ARRAY(Text))
)
SCHOOL = text(f"""
    SELECT t."immersioApiUrl" AS url, t."immersioApiKey" AS sealed_key, t."immersioApiSecret" AS sealed_secret
    FROM "Tenant" t WHERE t.id = :tenant AND {CONNECTED} AND NOT {PAUSED}
""").bindparams(bindparam("plans", type_=ARRAY(Text)))  # noqa: S608  # the same
_KNOWN = {"plans": _PLANS, "refusals": REFUSALS_THAT_PAUSE}


@dataclass(frozen=True, slots=True)
class Due:
    """A stream of a school that a worker is to look at."""

    tenant_id: int
    stream: StreamName


def claim_due_streams(connection: Connection, now: datetime) -> list[Due]:
    """Take what is due of the active schools with an address and keys, neither turned off nor paused.

    A stream of every school comes before the next one of any. The connection's role must see every tenant.
    """
    asked = {**_KNOWN, "streams": list(STREAMS), "now": now, "leased_until": now + LEASE}
    found = [Due(**row) for row in connection.execute(CLAIM, asked).mappings()]
    return sorted(found, key=lambda due: (STREAMS.index(due.stream), due.tenant_id))


def find_account(connection: Connection, tenant_id: int) -> Row[Any] | None:
    """The school's url, sealed_key and sealed_secret, or None when it is not to be synchronised."""
    return connection.execute(SCHOOL, {**_KNOWN, "tenant": tenant_id}).one_or_none()
