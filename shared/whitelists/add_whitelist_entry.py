"""An admin puts one address on a list."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, text

from shared.audit.record_audit import Subject, record_audit
from shared.errors import TryAgain
from shared.plans.check_plan import require_feature
from shared.staff.find_staff import StaffMember
from shared.tenants.errors import TenantSuspended
from shared.whitelists.entry_queries import COLUMNS, entry_view, require_event_type
from shared.whitelists.entry_schemas import NewWhitelistEntry, WhitelistEntryView

_ADD = text(f"""
    INSERT INTO "WhitelistEntry" ("tenantId", "eventTypeId", email, "addedBy", "addedAt")
    VALUES (:tenant, :event_type, :email, :added_by, CAST(:now AS timestamptz) AT TIME ZONE 'UTC')
    ON CONFLICT ("eventTypeId", email) DO NOTHING
    RETURNING {COLUMNS}
""")  # noqa: S608  # only a constant is put in
_THERE = text(f"""
    SELECT {COLUMNS} FROM "WhitelistEntry"
    WHERE "tenantId" = :tenant AND "eventTypeId" = :event_type AND email = :email
""")  # noqa: S608  # the same


class AddedEntry(NamedTuple):
    """`is_new` when the address was not on the list before."""

    entry: WhitelistEntryView
    is_new: bool


def add_whitelist_entry(
    connection: Connection, staff: StaffMember, command: NewWhitelistEntry, now: datetime
) -> AddedEntry:
    """The entry, made or found: asking twice is asking once.

    Raises TenantSuspended, PlanLimitReached, EventTypeNotFound.
    """
    tenant = staff.tenant
    if tenant.status != "ACTIVE":
        raise TenantSuspended
    require_feature(connection, tenant.id, "whitelist")
    require_event_type(connection, tenant.id, command.event_type_id)
    asked = {"tenant": tenant.id, "event_type": command.event_type_id, "email": command.email}
    added = connection.execute(_ADD, {**asked, "added_by": staff.id_at_school, "now": now}).one_or_none()
    if added is None:
        there = connection.execute(_THERE, asked).one_or_none()
        if there is None:
            raise TryAgain
        return AddedEntry(entry_view(there), is_new=False)
    entry = entry_view(added)
    changes = {"eventTypeId": {"before": None, "after": entry.event_type_id}, "email": "changed"}
    record_audit(
        connection,
        tenant.id,
        staff,
        "whitelistEntry.added",
        Subject("whitelistEntry", entry.id),
        now,
        changes,
    )
    return AddedEntry(entry, is_new=True)
