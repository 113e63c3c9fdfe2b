"""An admin asks for a backup, as before a change that they are afraid of."""

from datetime import datetime
from uuid import uuid5

from sqlalchemy import Connection, text

from shared.audit.record_audit import Subject, record_audit
from shared.backups.errors import BackupLimitReached
from shared.backups.queries import NAMESPACE, get_backup
from shared.backups.schemas import BackupView
from shared.idempotency.answer_once import Answered, Request, answer_once
from shared.staff.find_staff import StaffMember

MOST_A_DAY = 5

# Whoever asks at the same time waits here, and is counted after.
LOCK = text('SELECT FROM "Tenant" WHERE id = :tenant FOR NO KEY UPDATE')
COUNT = text("""
    SELECT count(*) FROM "TenantBackup" WHERE "tenantId" = :tenant AND cause = 'STAFF'
      AND "createdAt" > CAST(:now AS timestamptz) AT TIME ZONE 'UTC' - interval '24 hours'
""")
CREATE = text("""
    INSERT INTO "TenantBackup" (id, "tenantId", cause, "requestedBy", "createdAt")
    VALUES (CAST(:id AS uuid), :tenant, 'STAFF', CAST(:by AS integer),
            CAST(:now AS timestamptz) AT TIME ZONE 'UTC')
""")


def create_backup(
    connection: Connection, staff: StaffMember, key: str | None, now: datetime
) -> Answered[BackupView]:
    """The backup, which waits to be made.

    Raises BackupLimitReached, IdempotencyKeyInUse, IdempotencyKeyReused.
    """
    request = Request(staff.tenant.id, "createBackup", key, "")
    return answer_once(connection, request, BackupView, lambda: _create(connection, staff, now))


def _create(connection: Connection, staff: StaffMember, now: datetime) -> BackupView:
    tenant_id = staff.tenant.id
    connection.execute(LOCK, {"tenant": tenant_id})
    asked = connection.execute(COUNT, {"tenant": tenant_id, "now": now}).scalar_one()
    if asked >= MOST_A_DAY:
        raise BackupLimitReached(allowed=MOST_A_DAY)
    backup_id = uuid5(NAMESPACE, f"{tenant_id}:{now.isoformat()}:{asked}")
    connection.execute(
        CREATE, {"id": str(backup_id), "tenant": tenant_id, "by": staff.id_at_school, "now": now}
    )
    record_audit(connection, tenant_id, staff, "backup.created", Subject("backup", backup_id), now)
    return get_backup(connection, tenant_id, backup_id)
