"""Reading backups and restores."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, Row, text

from shared.backups.errors import BackupNotFound, RestoreNotFound
from shared.backups.schemas import (
    BackupList,
    BackupsQuery,
    BackupTask,
    BackupView,
    NewSchoolName,
    RestoreTask,
    RestoreView,
)
from shared.tenants.queries import get_tenant

# A day's backup of a school has the same id whoever asks for it, and however often.
NAMESPACE = UUID("0d0f7c53-2a0e-4f6e-8a0c-6d2d5c1b7e42")
# No worker lives so long: what began before and has not ended was left behind.
LEFT_BEHIND = timedelta(hours=1)
OVERDUE = timedelta(hours=26)

_BACKUP = """
    id, status, cause, "rowsWritten" AS rows, bytes, revision, "failureCode" AS failure_code,
    "createdAt" AT TIME ZONE 'UTC' AS created_at, "startedAt" AT TIME ZONE 'UTC' AS started_at,
    "finishedAt" AT TIME ZONE 'UTC' AS finished_at
"""
ONE = text(f"""
    SELECT {_BACKUP} FROM "TenantBackup" WHERE id = CAST(:id AS uuid) AND "tenantId" = :tenant
""")  # noqa: S608  # only the constant above is put in
PAGE = text(f"""
    SELECT {_BACKUP} FROM "TenantBackup"
    WHERE "tenantId" = :tenant AND (CAST(:after_id AS uuid) IS NULL OR ("createdAt", id) <
          (timestamp 'epoch' + CAST(:after_ms AS bigint) * interval '1 ms', CAST(:after_id AS uuid)))
    ORDER BY "createdAt" DESC, id DESC LIMIT :limit
""")  # noqa: S608  # the same
RESTORE = text("""
    SELECT r.id, r."backupId" AS backup_id, r.status, r.mode, r.name, r.subdomain,
           r."newTenantId" AS tenant_id, r."rowsWritten" AS rows, r."failureCode" AS failure_code,
           r."createdAt" AT TIME ZONE 'UTC' AS created_at, r."startedAt" AT TIME ZONE 'UTC' AS started_at,
           r."finishedAt" AT TIME ZONE 'UTC' AS finished_at
    FROM "TenantRestore" r WHERE r.id = CAST(:id AS uuid) AND r."tenantId" = :tenant
""")
SCHOOLS = text('SELECT id FROM "Tenant" ORDER BY id')
_OPEN = """
    SELECT id, "tenantId" AS tenant_id FROM {table}
    WHERE status = 'PENDING' OR status = 'RUNNING'
          AND "startedAt" < CAST(:left_behind AS timestamptz) AT TIME ZONE 'UTC'
    ORDER BY "createdAt"
"""
OPEN_BACKUPS = text(_OPEN.format(table='"TenantBackup"'))
OPEN_RESTORES = text(_OPEN.format(table='"TenantRestore"'))
COUNT_OVERDUE = text("""
    SELECT count(*) FROM "Tenant" t
    WHERE t."createdAt" < CAST(:since AS timestamptz) AT TIME ZONE 'UTC' AND NOT EXISTS (
        SELECT FROM "TenantBackup" b WHERE b."tenantId" = t.id AND b.status = 'COMPLETED'
          AND b."createdAt" >= CAST(:since AS timestamptz) AT TIME ZONE 'UTC')
""")


def backup_id_in_path(value: str) -> UUID:
    """The id of a backup; what is no id of ours names nothing that exists."""
    try:
        return UUID(value)
    except ValueError:
        raise BackupNotFound from None


def get_backup(connection: Connection, tenant_id: int, backup_id: UUID) -> BackupView:
    """Raises BackupNotFound."""
    row = connection.execute(ONE, {"id": str(backup_id), "tenant": tenant_id}).mappings().one_or_none()
    if row is None:
        raise BackupNotFound
    return BackupView.model_validate(dict(row))


def list_backups(connection: Connection, tenant_id: int, query: BackupsQuery) -> BackupList:
    """A page of the school's backups, the newest first."""
    after_ms, _, after_id = (query.cursor or "").partition("_")
    asked = {"tenant": tenant_id, "after_ms": after_ms or None, "after_id": after_id or None}
    found = connection.execute(PAGE, {**asked, "limit": query.limit + 1}).mappings().all()
    page = [BackupView.model_validate(dict(row)) for row in found[: query.limit]]
    return BackupList(backups=page, next_cursor=_after(page[-1]) if len(found) > len(page) else None)


def get_restore(connection: Connection, tenant_id: int, restore_id: UUID) -> RestoreView:
    """Raises RestoreNotFound."""
    row = connection.execute(RESTORE, {"id": str(restore_id), "tenant": tenant_id}).one_or_none()
    if row is None:
        raise RestoreNotFound
    return _restore_view(row)


def get_restore_of(connection: Connection, tenant_id: int, restore_id: str) -> RestoreView:
    """For the platform, by the id in a path. Raises TenantNotFound, RestoreNotFound."""
    get_tenant(connection, tenant_id)
    try:
        wanted = UUID(restore_id)
    except ValueError:
        raise RestoreNotFound from None
    return get_restore(connection, tenant_id, wanted)


def todays_backups(connection: Connection, now: datetime) -> list[BackupTask]:
    """One of every school; the connection's role must see all of them."""
    day = now.date().isoformat()
    return [
        BackupTask(tenant_id=school, backup_id=uuid5(NAMESPACE, f"{school}:{day}"))
        for school in connection.execute(SCHOOLS).scalars()
    ]


def open_backups(connection: Connection, now: datetime) -> list[BackupTask]:
    """Those that were asked for and that nobody makes; the connection's role must see every school."""
    rows = connection.execute(OPEN_BACKUPS, {"left_behind": now - LEFT_BEHIND})
    return [BackupTask(tenant_id=row.tenant_id, backup_id=row.id) for row in rows]


def open_restores(connection: Connection, now: datetime) -> list[RestoreTask]:
    """The same for restores."""
    rows = connection.execute(OPEN_RESTORES, {"left_behind": now - LEFT_BEHIND})
    return [RestoreTask(tenant_id=row.tenant_id, restore_id=row.id) for row in rows]


def count_overdue(connection: Connection, now: datetime) -> int:
    """How many schools have no backup of the last 26 hours, though they are older than that."""
    return int(connection.execute(COUNT_OVERDUE, {"since": now - OVERDUE}).scalar_one())


def _after(last: BackupView) -> str:
    return f"{round(last.created_at.timestamp() * 1000)}_{last.id}"


def _restore_view(row: Row[Any]) -> RestoreView:
    return RestoreView(
        id=row.id,
        backup_id=row.backup_id,
        status=row.status,
        in_place=row.mode == "IN_PLACE",
        as_new=NewSchoolName(name=row.name, subdomain=row.subdomain) if row.subdomain else None,
        tenant_id=row.tenant_id,
        rows=row.rows,
        failure_code=row.failure_code,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
