"""A restore that was asked for is carried out: the school is frozen, restored, and let go on.

That it was done is noted in the restore's own transaction, so it is done once. Whatever fails it is told by
its code, and changes nothing; then somebody has to ask again.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, text

from shared.audit.record_audit import Subject, record_audit
from shared.backups.errors import RestoreRefused
from shared.backups.identity import Identity
from shared.backups.queries import LEFT_BEHIND
from shared.backups.restore_tenant import NewSchool, Restored, restore_tenant
from shared.backups.schemas import RestoreTask
from shared.backups.vault import StoredBackup, Vault, key_of
from shared.clients.data_keys import DataKeys
from shared.database import in_tenant
from shared.tenant_scope import of_tenant

CLAIM = text("""
    UPDATE "TenantRestore" r SET status = 'RUNNING', "startedAt" = clock.at,
           "statusBefore" = coalesce(r."statusBefore", t."subscriptionStatus")
    FROM "Tenant" t, "TenantBackup" b, (SELECT CAST(:now AS timestamptz) AT TIME ZONE 'UTC') AS clock (at)
    WHERE r.id = CAST(:restore AS uuid) AND r."tenantId" = :tenant AND t.id = r."tenantId"
      AND b.id = r."backupId" AND b."tenantId" = r."tenantId"
      AND (r.status = 'PENDING' OR r.status = 'RUNNING'
           AND r."startedAt" < CAST(:left_behind AS timestamptz) AT TIME ZONE 'UTC')
    RETURNING r.mode, r.name, r.subdomain, r."backupId" AS backup_id, b."objectKey" AS key,
              b."objectVersion" AS version
""")
# Nobody books meanwhile; what is booked stays, and money goes on being settled.
FREEZE = text("""
    UPDATE "Tenant" SET "subscriptionStatus" = 'SUSPENDED'
    WHERE id = :tenant AND "subscriptionStatus" = 'ACTIVE'
""")
# Whom the platform has suspended meanwhile has its reason, and stays suspended.
THAW = text("""
    UPDATE "Tenant" t SET "subscriptionStatus" = r."statusBefore" FROM "TenantRestore" r
    WHERE t.id = :tenant AND r.id = CAST(:restore AS uuid) AND r."tenantId" = t.id AND r.mode = 'IN_PLACE'
      AND t."subscriptionStatus" = 'SUSPENDED' AND t."statusReason" IS NULL
""")
THERE = text('SELECT id FROM "Tenant" WHERE id = :tenant')
SCOPE = text("SELECT set_config('app.current_tenant_id', CAST(:tenant AS text), true)")
COMPLETE = text("""
    UPDATE "TenantRestore" SET status = 'COMPLETED', "newTenantId" = :made, "rowsWritten" = :rows,
           "failureCode" = NULL, "finishedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
    WHERE id = CAST(:restore AS uuid) AND "tenantId" = :tenant
""")
FAIL = text("""
    UPDATE "TenantRestore" SET status = 'FAILED', "failureCode" = :code,
           "finishedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
    WHERE id = CAST(:restore AS uuid) AND "tenantId" = :tenant
""")


@dataclass(frozen=True, slots=True)
class RestorePlaces:
    """Where backups lie, what opens them, and the database as the role that restores."""

    database: Engine
    keys: DataKeys
    vault: Vault


def run_restore(
    places: RestorePlaces, task: RestoreTask, clock: Callable[[], datetime]
) -> Restored | RestoreRefused | None:
    """Carry out the restore; None when it is not to be done (any more).

    Of what nobody foresaw the failure is noted as `failed`, and raised.
    """
    asked = in_tenant(places.database, of_tenant(task.tenant_id), lambda c: _claim(c, task, clock()))
    if asked is None:
        return None
    try:
        return _carry_out(places, task, asked, clock)
    except RestoreRefused as refused:
        _give_up(places.database, task, refused.code, clock())
        return refused
    except Exception:
        _give_up(places.database, task, "failed", clock())
        raise


def restore_lost(places: RestorePlaces, identity: Identity) -> Restored:
    """Restore a school that is not there any more, nor any row that tells of its backups.

    Raises RestoreRefused, also when it is there: that is asked for by whoever may lose what it has.
    """
    seen = in_tenant(
        places.database,
        of_tenant(identity.tenant_id),
        lambda c: c.execute(THERE, {"tenant": identity.tenant_id}).one_or_none(),
    )
    if seen is not None:
        raise RestoreRefused("ids_taken", "the school is there")
    return restore_stored(places, identity, StoredBackup(key_of(identity), None))


def restore_stored(
    places: RestorePlaces,
    identity: Identity,
    stored: StoredBackup,
    as_new: NewSchool | None = None,
    finish: Callable[[Connection, Restored], None] | None = None,
) -> Restored:
    """Fetch the backup and restore it. Raises RestoreRefused."""
    with tempfile.TemporaryFile() as file:
        places.vault.fetch(stored, file)
        return restore_tenant(places.database, places.keys, file, identity, as_new, finish)


def _claim(connection: Connection, task: RestoreTask, now: datetime) -> Row[tuple[str, ...]] | None:
    asked = {**_row(task), "now": now, "left_behind": now - LEFT_BEHIND}
    claimed = connection.execute(CLAIM, asked).one_or_none()
    if claimed is not None and claimed.mode == "IN_PLACE":
        connection.execute(FREEZE, {"tenant": task.tenant_id})
    return claimed


def _carry_out(
    places: RestorePlaces, task: RestoreTask, asked: Row[tuple[str, ...]], clock: Callable[[], datetime]
) -> Restored:
    def finish(connection: Connection, restored: Restored) -> None:
        # The restore is noted at the school that was backed up.
        connection.execute(SCOPE, {"tenant": task.tenant_id})
        connection.execute(THAW, _row(task))
        now = clock()
        done = {"made": restored.tenant_id, "rows": restored.rows, "now": now}
        connection.execute(COMPLETE, {**_row(task), **done})
        subject = Subject("restore", task.restore_id)
        record_audit(connection, task.tenant_id, None, "tenant.restored", subject, now)

    identity = Identity(task.tenant_id, UUID(str(asked.backup_id)))
    as_new = None if asked.mode == "IN_PLACE" else NewSchool(asked.name, asked.subdomain)
    return restore_stored(places, identity, StoredBackup(asked.key, asked.version), as_new, finish)


def _give_up(database: Engine, task: RestoreTask, code: str, now: datetime) -> None:
    def give_up(connection: Connection) -> None:
        connection.execute(THAW, _row(task))
        connection.execute(FAIL, {**_row(task), "code": code, "now": now})

    in_tenant(database, of_tenant(task.tenant_id), give_up)


def _row(task: RestoreTask) -> dict[str, object]:
    return {"restore": str(task.restore_id), "tenant": task.tenant_id}
