"""Reading what came of imports."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Integer, Row, bindparam, text

from shared.whitelists.errors import WhitelistImportNotFound
from shared.whitelists.schemas import (
    HeaderMapping,
    RejectedLine,
    RejectedLinesQuery,
    WhitelistImportList,
    WhitelistImportsQuery,
    WhitelistImportState,
    WhitelistImportView,
)

_COLUMNS = """
    i.id, i."eventTypeId" AS event_type_id, i.mode, i."emailHeader" AS email_header, i.status,
    i."failureCode" AS failure_code, i."percentDone" AS percent_done, i."rowsRead" AS rows_read,
    i."rowsAdded" AS rows_added, i."rowsAlreadyThere" AS rows_already_there,
    i."rowsRemoved" AS rows_removed, i."rowsRejected" AS rows_rejected,
    i."createdAt" AT TIME ZONE 'UTC' AS created_at, i."startedAt" AT TIME ZONE 'UTC' AS started_at,
    i."finishedAt" AT TIME ZONE 'UTC' AS finished_at
"""
_ONE = text(f"""
    SELECT {_COLUMNS},
           (SELECT coalesce(json_agg(r ORDER BY r.line), '[]')
            FROM (SELECT "lineNumber" AS line, value, reason FROM "WhitelistRejection"
                  WHERE "importId" = i.id AND "tenantId" = i."tenantId" AND "lineNumber" > :after
                  ORDER BY "lineNumber" LIMIT :limit) r) AS rejected
    FROM "WhitelistImport" i
    WHERE i.id = CAST(:id AS uuid) AND i."tenantId" = :tenant_id
""")  # noqa: S608  # only a constant is put in
_LIST = text(f"""
    SELECT {_COLUMNS} FROM "WhitelistImport" i
    WHERE i."tenantId" = :tenant_id
      AND (CAST(:event_type_id AS int) IS NULL OR i."eventTypeId" = :event_type_id)
      AND (CAST(:before_ms AS bigint) IS NULL OR (i."createdAt", i.id) <
           (to_timestamp(CAST(:before_ms AS bigint) / 1000.0) AT TIME ZONE 'UTC', CAST(:before_id AS uuid)))
    ORDER BY i."createdAt" DESC, i.id DESC LIMIT :limit
""").bindparams(bindparam("event_type_id", type_=Integer))  # noqa: S608  # the same
_EXISTS = text(
    'SELECT EXISTS (SELECT FROM "WhitelistImport" WHERE id = CAST(:id AS uuid) AND "tenantId" = :tenant_id)'
)


def import_id_in_path(value: str) -> UUID:
    """The id of an import; what is no id of ours names nothing that exists."""
    try:
        return UUID(value)
    except ValueError:
        raise WhitelistImportNotFound from None


def require_import(connection: Connection, tenant_id: int, import_id: UUID) -> None:
    """Raises WhitelistImportNotFound."""
    if not connection.execute(_EXISTS, {"id": str(import_id), "tenant_id": tenant_id}).scalar_one():
        raise WhitelistImportNotFound


def get_whitelist_import(
    connection: Connection, tenant_id: int, import_id: UUID, query: RejectedLinesQuery
) -> WhitelistImportView:
    """The import with a page of its rejected lines. Raises WhitelistImportNotFound."""
    asked = {"id": str(import_id), "tenant_id": tenant_id, "after": query.cursor or 0}
    row = connection.execute(_ONE, {**asked, "limit": query.limit + 1}).one_or_none()
    if row is None:
        raise WhitelistImportNotFound
    rejected = [RejectedLine(**line) for line in row.rejected[: query.limit]]
    more = len(row.rejected) > query.limit
    return WhitelistImportView(
        **_state(row), rejected_lines=rejected, next_cursor=str(rejected[-1].line) if more else None
    )


def list_whitelist_imports(
    connection: Connection, tenant_id: int, query: WhitelistImportsQuery
) -> WhitelistImportList:
    """A page of the imports, the newest first."""
    before_ms, _, before_id = (query.cursor or "").partition("-")
    found = connection.execute(_LIST, {
        "tenant_id": tenant_id,
        "event_type_id": query.event_type_id,
        "before_ms": int(before_ms) if before_ms else None,
        "before_id": before_id or None,
        "limit": query.limit + 1,
    }).all()  # fmt: skip
    page = [WhitelistImportState(**_state(row)) for row in found[: query.limit]]
    return WhitelistImportList(
        whitelist_imports=page, next_cursor=_cursor_after(page[-1]) if len(found) > len(page) else None
    )


def _state(row: Row[Any]) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in WhitelistImportState.model_fields if name in row._fields}
    return told | {"header_mapping": row.email_header and HeaderMapping(email=row.email_header)}


def _cursor_after(state: WhitelistImportState) -> str:
    return f"{round(state.created_at.timestamp() * 1000)}-{state.id}"
