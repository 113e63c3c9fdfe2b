"""What the admins of a school have to know of the sync, by mail."""

import json
from typing import Any, Literal

from sqlalchemy import Connection, text

AdminTopic = Literal["immersio.paused", "immersio.removals_held"]

_TELL = text("""
    INSERT INTO "OutboxMessage" ("tenantId", topic, payload)
    SELECT :tenant, :topic, jsonb_build_object('userId', id) || CAST(:payload AS jsonb)
    FROM users WHERE "tenantId" = :tenant AND "tenantRole" = 'TENANT_ADMIN' AND NOT locked ORDER BY id
""")


def tell_admins(connection: Connection, tenant_id: int, topic: AdminTopic, **payload: Any) -> None:
    """Leave a message for each of them."""
    connection.execute(_TELL, {"tenant": tenant_id, "topic": topic, "payload": json.dumps(payload)})
