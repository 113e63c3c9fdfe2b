"""A super admin asks for a restore."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, text

from shared.audit.record_audit import Subject, record_audit
from shared.backups.errors import BackupNotFound, BackupNotRestorable, RestoreUnderWay
from shared.backups.queries import get_restore
from shared.backups.schemas import NewRestore, RestoreView
from shared.bookings.idempotency import request_hash
from shared.idempotency.answer_once import Answered, Request, answer_once
from shared.staff.find_staff import StaffMember
from shared.tenants.errors import SubdomainTaken
from shared.tenants.queries import lock_tenant
from shared.tenants.subdomain import is_reserved

BACKUP = text("""
    SELECT status FROM "TenantBackup" WHERE id = CAST(:backup AS uuid) AND "tenantId" = :tenant
""")
OPEN = text("""
    SELECT EXISTS (SELECT FROM "TenantRestore"
                   WHERE "tenantId" = :tenant AND status IN ('PENDING', 'RUNNING'))
""")
TAKEN = text('SELECT EXISTS (SELECT FROM "Tenant" WHERE subdomain = :subdomain)')
CREATE = text("""
    INSERT INTO "TenantRestore" (id, "tenantId", "backupId", mode, name, subdomain, "requestedBy",
                                 "createdAt")
    VALUES (CAST(:id AS uuid), :tenant, CAST(:backup AS uuid), :mode, CAST(:name AS text),
            CAST(:subdomain AS text), :by, CAST(:now AS timestamptz) AT TIME ZONE 'UTC')
""")


def ask_restore(
    connection: Connection,
    by: StaffMember,
    tenant_id: int,
    command: NewRestore,
    key: str | None,
    now: datetime,
) -> Answered[RestoreView]:
    """The restore, which waits to be carried out.

    Raises TenantNotFound, BackupNotFound, BackupNotRestorable, RestoreUnderWay, SubdomainTaken,
    IdempotencyKeyInUse, IdempotencyKeyReused.
    """
    request = Request(by.tenant.id, "restoreTenant", key, request_hash(command, str(tenant_id)))
    return answer_once(
        connection, request, RestoreView, lambda: _ask(connection, by, tenant_id, command, now)
    )


def _ask(
    connection: Connection, by: StaffMember, tenant_id: int, command: NewRestore, now: datetime
) -> RestoreView:
    lock_tenant(connection, tenant_id)
    _refuse_what_cannot_be(connection, tenant_id, command)
    restore_id, school = uuid4(), command.as_new
    connection.execute(
        CREATE,
        {
            "id": str(restore_id),
            "tenant": tenant_id,
            "backup": str(command.backup_id),
            "mode": "IN_PLACE" if command.in_place else "NEW_TENANT",
            "name": school and school.name,
            "subdomain": school and school.subdomain,
            "by": by.id,
            "now": now,
        },
    )
    changes = {"backupId": {"after": str(command.backup_id)}}
    record_audit(
        connection, tenant_id, by, "tenant.restoreAsked", Subject("restore", restore_id), now, changes
    )
    return get_restore(connection, tenant_id, restore_id)


def _refuse_what_cannot_be(connection: Connection, tenant_id: int, command: NewRestore) -> None:
    asked = {"tenant": tenant_id, "backup": str(command.backup_id)}
    status = connection.execute(BACKUP, asked).scalar_one_or_none()
    if status is None:
        raise BackupNotFound
    if status != "COMPLETED":
        raise BackupNotRestorable
    if connection.execute(OPEN, {"tenant": tenant_id}).scalar_one():
        raise RestoreUnderWay
    if command.as_new is not None:
        _refuse_taken(connection, command.as_new.subdomain)


def _refuse_taken(connection: Connection, subdomain: str) -> None:
    if is_reserved(subdomain) or connection.execute(TAKEN, {"subdomain": subdomain}).scalar_one():
        raise SubdomainTaken
