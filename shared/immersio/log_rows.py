"""The log of the sync: a row for each attempt that changed something or failed."""

import json
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import ValidationError
from sqlalchemy import Connection, text

from shared.immersio.schemas import plain_id

Kind = Literal["COURSE", "STUDENT", "BOOKING", "ENROLLMENT"]
Direction = Literal["PULL", "PUSH"]

_LOG = text("""
    INSERT INTO "ImmersioSyncLog" ("tenantId", "syncType", direction, "resourceType", "resourceId", status,
                                   "errorCode", "errorMessage", "retryCount", metadata)
    SELECT :tenant, :kind, :direction, lower(:kind), l.id, l.status, l.code, l.message,
           coalesce(l.retries, 0), l.metadata
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
         AS l(id text, status text, code text, message text, retries int, metadata jsonb)
""")


def log_rows(
    connection: Connection, tenant_id: int, kind: Kind, direction: Direction, rows: Sequence[dict[str, Any]]
) -> None:
    """`rows` are of `done` and `failed`; what people wrote is in none of them."""
    if rows:
        told = {"tenant": tenant_id, "kind": kind, "direction": direction, "rows": json.dumps(rows)}
        connection.execute(_LOG, told)


def done(row_id: str, **metadata: Any) -> dict[str, Any]:
    return {"id": row_id, "status": "SUCCESS", "metadata": metadata}


def failed(row_id: str, code: str, message: str | None = None, **more: Any) -> dict[str, Any]:
    return {"id": row_id, "status": "FAILED", "code": code, "message": message, **more}


def unreadable(row: Any, error: ValidationError, what: str) -> dict[str, Any]:
    """Says which field is wrong and how, never what it holds."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    field = ".".join(map(str, first["loc"])) or what
    return failed(plain_id(row), f"invalid_{what}", f"{field}: {first['msg']}")
