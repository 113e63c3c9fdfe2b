"""An admin sets the school's access to Immersio."""

from datetime import datetime

from sqlalchemy import Connection

from shared.audit.record_audit import Subject, changes_between, record_audit
from shared.immersio.immersio_settings import ImmersioSettings, save_immersio_settings, settings_view
from shared.immersio.settings_schemas import ImmersioSettingsView
from shared.staff.find_staff import StaffMember


def set_immersio(
    connection: Connection,
    staff: StaffMember,
    before: ImmersioSettings,
    after: ImmersioSettings,
    api_url: str,
    now: datetime,
) -> ImmersioSettingsView:
    """What is told of it then. Raises Conflict when somebody else has changed it meanwhile."""
    told = settings_view(connection, before, api_url, now).model_copy(update={"health": None})
    save_immersio_settings(connection, before, after, now)
    view = settings_view(connection, after, api_url, now)
    changes = changes_between(told, view.model_copy(update={"health": None}))
    if before.access != after.access or before.webhook != after.webhook:
        changes["keys"] = "changed"
    subject = Subject("immersioSettings", staff.tenant.id)
    record_audit(connection, staff.tenant.id, staff, "immersioSettings.updated", subject, now, changes)
    return view
