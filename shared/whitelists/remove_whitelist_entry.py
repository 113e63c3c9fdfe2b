"""An admin takes one address off a list."""

from datetime import datetime

from sqlalchemy import Connection, text

from shared.audit.record_audit import Subject, record_audit
from shared.staff.find_staff import StaffMember
from shared.whitelists.entry_queries import COLUMNS, entry_view
from shared.whitelists.entry_schemas import WhitelistEntryView
from shared.whitelists.errors import WhitelistEntryNotFound

_REMOVE = text(f"""
    DELETE FROM "WhitelistEntry" WHERE id = :id AND "tenantId" = :tenant RETURNING {COLUMNS}
""")  # noqa: S608  # only a constant is put in


def remove_whitelist_entry(
    connection: Connection, staff: StaffMember, entry_id: int, now: datetime
) -> WhitelistEntryView:
    """What was removed. Bookings that were made stay. Raises WhitelistEntryNotFound."""
    tenant_id = staff.tenant.id
    row = connection.execute(_REMOVE, {"id": entry_id, "tenant": tenant_id}).one_or_none()
    if row is None:
        raise WhitelistEntryNotFound
    entry = entry_view(row)
    changes = {"eventTypeId": {"before": entry.event_type_id, "after": None}, "email": "changed"}
    record_audit(
        connection,
        tenant_id,
        staff,
        "whitelistEntry.removed",
        Subject("whitelistEntry", entry.id),
        now,
        changes,
    )
    return entry
