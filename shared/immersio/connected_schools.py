"""Which schools are to be synchronised."""

from typing import Any

from sqlalchemy import Connection, Row, text

# So often in a row Immersio may refuse the keys before the school's sync is paused.
REFUSALS_THAT_PAUSE = 3

_CONNECTED = """
    t."subscriptionStatus" = 'ACTIVE' AND t."immersioApiUrl" <> '' AND t."immersioApiKey" <> ''
    AND t."immersioApiSecret" <> '' AND coalesce(t.settings->>'immersioSync', '') <> 'off'
"""
CONNECTED_SCHOOLS = text(f"""
    SELECT t.id FROM "Tenant" t
    LEFT JOIN "ImmersioSyncState" s ON s."tenantId" = t.id AND s.stream = :stream
    WHERE {_CONNECTED} AND coalesce(s."refusedInARow", 0) < :refusals
    ORDER BY t.id
""")  # noqa: S608  # both parts are above
SCHOOL = text(f"""
    SELECT t."immersioApiUrl" AS url, t."immersioApiKey" AS sealed_key, t."immersioApiSecret" AS sealed_secret
    FROM "Tenant" t WHERE t.id = :tenant AND {_CONNECTED}
""")  # noqa: S608


def list_connected_schools(connection: Connection, stream: str) -> list[int]:
    """Ids of the active schools with an address and keys, neither turned off nor paused.

    The connection's role must see every tenant.
    """
    asked = {"stream": stream, "refusals": REFUSALS_THAT_PAUSE}
    return list(connection.execute(CONNECTED_SCHOOLS, asked).scalars())


def find_account(connection: Connection, tenant_id: int) -> Row[Any] | None:
    """The school's url, sealed_key and sealed_secret, or None when it is not to be synchronised."""
    return connection.execute(SCHOOL, {"tenant": tenant_id}).one_or_none()
