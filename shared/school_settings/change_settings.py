"""A school calls itself otherwise, or wants things done in another way."""

import json
from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import Connection, text

from shared.audit.record_audit import Subject, changes_between, record_audit
from shared.changes import merged
from shared.school_settings.queries import get_settings, lock_settings
from shared.school_settings.schemas import SettingsOfStaff, SettingsTerms
from shared.staff.find_staff import StaffMember

# What others keep there stays.
_WRITE = text("""
    UPDATE "Tenant" SET name = :name, "updatedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC',
        settings = (CASE jsonb_typeof(settings) WHEN 'object' THEN settings ELSE '{}' END)
                   || CAST(:settings AS jsonb)
    WHERE id = :tenant
""")


def change_settings(
    connection: Connection,
    staff: StaffMember,
    changes: BaseModel,
    check_unchanged: Callable[[BaseModel], None],
    now: datetime,
) -> SettingsOfStaff:
    """The settings as they are then. Raises what `check_unchanged` raises, InvalidRequest."""
    tenant = staff.tenant.id
    before = lock_settings(connection, tenant)
    check_unchanged(before)
    terms = merged(SettingsTerms, before, changes)
    settings = json.dumps(terms.model_dump(by_alias=True, exclude={"name"}))
    connection.execute(_WRITE, {"name": terms.name, "settings": settings, "tenant": tenant, "now": now})
    after = get_settings(connection, tenant)
    subject, told = Subject("settings", tenant), changes_between(before, after)
    record_audit(connection, tenant, staff, "settings.updated", subject, now, told)
    return after
