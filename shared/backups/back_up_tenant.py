"""One backup is made: claimed, written, stored, and noted as done."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from shared.backups.errors import BackupFailed
from shared.backups.export_tenant import Readers, export_tenant
from shared.backups.identity import Identity
from shared.backups.manifest import Manifest
from shared.backups.queries import LEFT_BEHIND
from shared.backups.schemas import BackupTask
from shared.backups.vault import Vault
from shared.clients.data_keys import DataKeys
from shared.database import in_tenant
from shared.tenant_scope import of_tenant

# Whoever has it keeps it, but for a worker that must be dead by now. A day's backup has no row before.
CLAIM = text("""
    INSERT INTO "TenantBackup" AS b (id, "tenantId", cause, status, "createdAt", "startedAt")
    SELECT CAST(:id AS uuid), id, 'DAILY', 'RUNNING', clock.at, clock.at
    FROM "Tenant", (SELECT CAST(:now AS timestamptz) AT TIME ZONE 'UTC') AS clock (at) WHERE id = :tenant
    ON CONFLICT (id) DO UPDATE
    SET status = 'RUNNING', "startedAt" = EXCLUDED."startedAt", "finishedAt" = NULL, "failureCode" = NULL
    WHERE b.status IN ('PENDING', 'FAILED')
       OR b.status = 'RUNNING' AND b."startedAt" < CAST(:left_behind AS timestamptz) AT TIME ZONE 'UTC'
    RETURNING b.id
""")
COMPLETE = text("""
    UPDATE "TenantBackup" SET status = 'COMPLETED', "rowsWritten" = :rows, bytes = :bytes,
           "objectKey" = :key, "objectVersion" = CAST(:version AS text), revision = :revision,
           "finishedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
    WHERE id = CAST(:id AS uuid) AND "tenantId" = :tenant
""")
FAIL = text("""
    UPDATE "TenantBackup" SET status = 'FAILED', "failureCode" = :code,
           "finishedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
    WHERE id = CAST(:id AS uuid) AND "tenantId" = :tenant AND status = 'RUNNING'
""")


@dataclass(frozen=True, slots=True)
class BackupPlaces:
    """Whence the rows come, what seals them, and where they go."""

    readers: Readers
    keys: DataKeys
    vault: Vault


def back_up_tenant(places: BackupPlaces, task: BackupTask, clock: Callable[[], datetime]) -> Manifest | None:
    """Make the backup; None when it is made already, or somebody else makes it.

    A failure is noted with its code and raised, so that the message comes again.
    """
    if not _noted(places, task, CLAIM, {"now": clock(), "left_behind": clock() - LEFT_BEHIND}):
        return None
    try:
        manifest, stored = _made(places, Identity(task.tenant_id, task.backup_id), clock())
    except Exception as error:
        code = error.code if isinstance(error, BackupFailed) else "failed"
        _noted(places, task, FAIL, {"now": clock(), "code": code})
        raise
    _noted(places, task, COMPLETE, {**stored, "now": clock()})
    return manifest


def _made(places: BackupPlaces, identity: Identity, now: datetime) -> tuple[Manifest, dict[str, Any]]:
    """On the function's own disk first: the snapshot does not wait for the network."""
    key = places.keys.make(identity.context())
    with tempfile.TemporaryFile() as file:
        manifest = export_tenant(places.readers, identity, key, file, now)
        size = file.seek(0, 2)
        stored = places.vault.put(identity, file, now)
    return manifest, {
        "rows": manifest.rows,
        "bytes": size,
        "key": stored.key,
        "version": stored.version,
        "revision": manifest.revision,
    }


def _noted(places: BackupPlaces, task: BackupTask, statement: Any, values: dict[str, Any]) -> bool:
    """Whether the backup's row took the change."""
    row = {"id": str(task.backup_id), "tenant": task.tenant_id}

    def note(connection: Connection) -> bool:
        return connection.execute(statement, {**row, **values}).rowcount > 0

    return in_tenant(places.readers.app, of_tenant(task.tenant_id), note)
