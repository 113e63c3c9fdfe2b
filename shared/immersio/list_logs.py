"""The log of a school's sync, the newest first."""

from sqlalchemy import Connection, text

from shared.immersio.settings_schemas import SyncLogEntry, SyncLogList, SyncLogQuery

_LOGS = text("""
    SELECT id, "syncType" AS sync_type, direction, "resourceId" AS resource_id, status,
           "errorCode" AS error_code, "errorMessage" AS error_message, "retryCount" AS retry_count,
           "syncedAt" AT TIME ZONE 'UTC' AS synced_at, metadata->>'action' AS action
    FROM "ImmersioSyncLog"
    WHERE "tenantId" = :tenant AND id < :before
      AND (CAST(:kind AS text) IS NULL OR "syncType" = :kind)
      AND (CAST(:status AS text) IS NULL OR status = :status)
    ORDER BY id DESC LIMIT :limit
""")


def list_logs(connection: Connection, tenant_id: int, query: SyncLogQuery) -> SyncLogList:
    asked = {
        "tenant": tenant_id,
        "before": query.cursor or (1 << 31) - 1,
        "kind": query.sync_type,
        "status": query.status,
        "limit": query.limit + 1,
    }
    found = [SyncLogEntry(**row) for row in connection.execute(_LOGS, asked).mappings()]
    more = len(found) > query.limit
    shown = found[: query.limit]
    return SyncLogList(logs=shown, next_cursor=shown[-1].id if more else None)
