"""An admin asks for an upload."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from sqlalchemy import Connection, text

from shared.audit.record_audit import Subject, record_audit
from shared.errors import IdempotencyKeyReused
from shared.event_types.errors import EventTypeNotFound
from shared.plans.check_plan import require_feature
from shared.staff.find_staff import StaffMember
from shared.tenants.errors import TenantSuspended
from shared.whitelists.schemas import NewWhitelistImport, Status

# A request that is sent again with its key asks for the same id, so the key needs no table.
NAMESPACE = UUID("5c0d6b0e-7f0f-4d4c-9d5e-2b3f4a5c6d7e")

CREATE = text("""
    WITH offered AS (
        SELECT id FROM "EventType" WHERE id = :event_type_id AND "tenantId" = :tenant_id
    ), made AS (
        INSERT INTO "WhitelistImport"
            (id, "tenantId", "eventTypeId", mode, "emailHeader", "createdBy", "createdAt")
        SELECT CAST(:id AS uuid), :tenant_id, offered.id, :mode, CAST(:email_header AS text),
               CAST(:created_by AS integer), CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
        FROM offered
        ON CONFLICT (id) DO NOTHING
        RETURNING id
    )
    SELECT EXISTS (SELECT FROM offered) AS offered, EXISTS (SELECT FROM made) AS made
""")
EARLIER = text("""
    SELECT "eventTypeId" AS event_type_id, mode, "emailHeader" AS email_header, status FROM "WhitelistImport"
    WHERE id = CAST(:id AS uuid) AND "tenantId" = :tenant_id
""")


@dataclass(frozen=True, slots=True)
class CreatedImport:
    """`replayed` when an earlier request with the same key made it."""

    id: UUID
    status: Status
    replayed: bool = False


def create_whitelist_import(
    connection: Connection, staff: StaffMember, command: NewWhitelistImport, key: str | None, now: datetime
) -> CreatedImport:
    """The import, which waits for its file.

    Raises TenantSuspended, PlanLimitReached, EventTypeNotFound, IdempotencyKeyReused.
    """
    tenant = staff.tenant
    if tenant.status != "ACTIVE":
        raise TenantSuspended
    require_feature(connection, tenant.id, "whitelist")
    import_id = uuid4() if key is None else uuid5(NAMESPACE, f"{tenant.id}:{key}")
    values: dict[str, Any] = {
        "id": str(import_id),
        "tenant_id": tenant.id,
        "event_type_id": command.event_type_id,
        "mode": command.mode,
        "email_header": _header(command),
        "created_by": staff.id_at_school,
        "now": now,
    }
    found = connection.execute(CREATE, values).one()
    if not found.offered:
        raise EventTypeNotFound
    if found.made:
        _record(connection, staff, command, import_id, now)
        return CreatedImport(import_id, "AWAITING_UPLOAD")
    return _earlier(connection, import_id, command, tenant.id)


def _earlier(
    connection: Connection, import_id: UUID, command: NewWhitelistImport, tenant_id: int
) -> CreatedImport:
    row = connection.execute(EARLIER, {"id": str(import_id), "tenant_id": tenant_id}).one()
    asked = (command.event_type_id, command.mode, _header(command))
    if (row.event_type_id, row.mode, row.email_header) != asked:
        raise IdempotencyKeyReused
    return CreatedImport(import_id, row.status, replayed=True)


def _header(command: NewWhitelistImport) -> str | None:
    return command.header_mapping.email if command.header_mapping else None


def _record(
    connection: Connection, staff: StaffMember, command: NewWhitelistImport, import_id: UUID, now: datetime
) -> None:
    """What a later import changes in the list is in its counts."""
    told = {"eventTypeId": command.event_type_id, "mode": command.mode}
    changes = {name: {"before": None, "after": value} for name, value in told.items()}
    subject = Subject("whitelistImport", import_id)
    record_audit(connection, staff.tenant.id, staff, "whitelistImport.created", subject, now, changes)
