"""News for the staff of a school leave by the outbox: a message for each who is to read it."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

_TELL = text("""
    INSERT INTO "OutboxMessage" ("tenantId", topic, payload)
    SELECT :tenant, :topic, CAST(:facts AS jsonb) || jsonb_build_object('userId', u.id)
    FROM users u WHERE u."tenantId" = :tenant AND u."tenantRole" = 'TENANT_ADMIN' AND NOT u.locked
    ORDER BY u.id
""")


def tell_admins(connection: Connection, tenant_id: int, topic: str, facts: Mapping[str, Any]) -> None:
    """Have each admin of the school written to; `topic` is one of notices.py, `facts` are ids and numbers."""
    connection.execute(_TELL, {"tenant": tenant_id, "topic": topic, "facts": json.dumps(facts)})
