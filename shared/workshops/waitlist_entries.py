"""A place on a waitlist, for whoever holds its token."""

from typing import Any

from sqlalchemy import Connection, Row, text

from shared.bookings.queries import is_same_token
from shared.tenant_scope import CURRENT_TENANT
from shared.tenants.errors import TenantNotFound
from shared.time_zones import zone
from shared.workshops.errors import WaitlistEntryNotFound
from shared.workshops.schemas import WaitlistEntryView

_ENTRY = text(f"""
    SELECT t.id AS tenant, w.id, w.status, w.token, w."timeZone" AS time_zone, w."bookingId" AS booking,
           s."sessionNumber" AS number, s."startTime" AT TIME ZONE 'UTC' AS start,
           s."endTime" AT TIME ZONE 'UTC' AS end, b.uid,
           b."holdExpiresAt" AT TIME ZONE 'UTC' AS hold_expires_at,
           (SELECT count(*) FROM "WaitlistEntry" o WHERE o."sessionId" = w."sessionId"
            AND o."tenantId" = t.id AND o.status = 'WAITING' AND o.id <= w.id) AS position
    FROM "Tenant" t
    LEFT JOIN "WaitlistEntry" w ON w.id = :id AND w."tenantId" = t.id
    LEFT JOIN "WorkshopSession" s ON s.id = w."sessionId" AND s."tenantId" = t.id
    LEFT JOIN "Booking" b ON b.id = w."bookingId" AND b."tenantId" = t.id
    WHERE t.id = {CURRENT_TENANT}
""")  # noqa: S608  # only the constant above is put in


def get_waitlist_entry(connection: Connection, entry_id: int, token: str) -> WaitlistEntryView:
    """The place, times on its holder's clock. Raises TenantNotFound, WaitlistEntryNotFound."""
    return _view(entry_row(connection, entry_id, token))


def entry_row(connection: Connection, entry_id: int, token: str) -> Row[Any]:
    """The place with its `tenant`, `status` and the id of the offered `booking`."""
    row = connection.execute(_ENTRY, {"id": entry_id}).one_or_none()
    if row is None:
        raise TenantNotFound
    if not is_same_token(token, row.token):
        raise WaitlistEntryNotFound
    return row


def _view(row: Row[Any]) -> WaitlistEntryView:
    shown_in = zone(row.time_zone)
    offered = row.hold_expires_at.astimezone(shown_in) if row.hold_expires_at else None
    return WaitlistEntryView(
        id=row.id,
        status=row.status,
        position=row.position if row.status == "WAITING" else None,
        session_number=row.number,
        start=row.start.astimezone(shown_in),
        end=row.end.astimezone(shown_in),
        booking_uid=row.uid,
        offer_expires_at=offered if row.status == "OFFERED" else None,
    )
