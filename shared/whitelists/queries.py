"""Reading what came of an import."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from shared.whitelists.errors import WhitelistImportNotFound
from shared.whitelists.schemas import RejectedLine, RejectedLinesQuery, WhitelistImportView

ONE = text("""
    SELECT i.id, i."eventTypeId" AS event_type_id, i.mode, i.status, i."failureCode" AS failure_code,
           i."rowsRead" AS rows_read, i."rowsAdded" AS rows_added,
           i."rowsAlreadyThere" AS rows_already_there, i."rowsRemoved" AS rows_removed,
           i."rowsRejected" AS rows_rejected, i."createdAt" AT TIME ZONE 'UTC' AS created_at,
           i."finishedAt" AT TIME ZONE 'UTC' AS finished_at,
           (SELECT coalesce(json_agg(r ORDER BY r.line), '[]')
            FROM (SELECT "lineNumber" AS line, value, reason FROM "WhitelistRejection"
                  WHERE "importId" = i.id AND "tenantId" = i."tenantId" AND "lineNumber" > :after
                  ORDER BY "lineNumber" LIMIT :limit) r) AS rejected
    FROM "WhitelistImport" i
    WHERE i.id = CAST(:id AS uuid) AND i."tenantId" = :tenant_id
""")


def import_id_in_path(value: str) -> UUID:
    """The id of an import; what is no id of ours names nothing that exists."""
    try:
        return UUID(value)
    except ValueError:
        raise WhitelistImportNotFound from None


def get_whitelist_import(
    connection: Connection, tenant_id: int, import_id: UUID, query: RejectedLinesQuery
) -> WhitelistImportView:
    """The import with a page of its rejected lines. Raises WhitelistImportNotFound."""
    asked = {"id": str(import_id), "tenant_id": tenant_id, "after": query.cursor or 0}
    row = connection.execute(ONE, {**asked, "limit": query.limit + 1}).one_or_none()
    if row is None:
        raise WhitelistImportNotFound
    return _view(row, query.limit)


def _view(row: Row[Any], limit: int) -> WhitelistImportView:
    rejected = [RejectedLine(**line) for line in row.rejected[:limit]]
    more = len(row.rejected) > limit
    return WhitelistImportView(
        id=row.id,
        event_type_id=row.event_type_id,
        mode=row.mode,
        status=row.status,
        failure_code=row.failure_code,
        rows_read=row.rows_read,
        rows_added=row.rows_added,
        rows_already_there=row.rows_already_there,
        rows_removed=row.rows_removed,
        rows_rejected=row.rows_rejected,
        created_at=row.created_at,
        finished_at=row.finished_at,
        rejected_lines=rejected,
        next_cursor=str(rejected[-1].line) if more else None,
    )
