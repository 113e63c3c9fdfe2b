"""A school's settings: what was never said has its default."""

from sqlalchemy import Connection, TextClause, text

from shared.school_settings.schemas import SettingsOfStaff
from shared.workshops.offer_freed_seats import HOLD_HOURS

_COLUMNS = """
    SELECT t.name, t.subdomain, coalesce(t.settings->>'locale', 'en') AS locale,
           t.settings->>'timeZone' AS time_zone, t.settings->>'replyTo' AS reply_to,
           CASE jsonb_typeof(t.settings->'waitlistOfferHours') WHEN 'number'
                THEN CAST(t.settings->>'waitlistOfferHours' AS int) END AS hours
    FROM "Tenant" t WHERE t.id = :tenant
"""
_ONE = text(_COLUMNS)
_LOCKED = text(f"{_COLUMNS} FOR NO KEY UPDATE")


def get_settings(connection: Connection, tenant_id: int) -> SettingsOfStaff:
    return _read(connection, tenant_id, _ONE)


def lock_settings(connection: Connection, tenant_id: int) -> SettingsOfStaff:
    """The same, which nobody else changes until the transaction ends."""
    return _read(connection, tenant_id, _LOCKED)


def _read(connection: Connection, tenant_id: int, query: TextClause) -> SettingsOfStaff:
    row = connection.execute(query, {"tenant": tenant_id}).one()
    return SettingsOfStaff.model_construct(
        name=row.name,
        subdomain=row.subdomain,
        locale=row.locale,
        time_zone=row.time_zone,
        reply_to=row.reply_to,
        waitlist_offer_hours=row.hours or HOLD_HOURS,
    )
