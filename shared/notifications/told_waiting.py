"""Somebody who waits for a seat, as letters tell of it."""

from datetime import UTC

from sqlalchemy import Connection, text

from shared.notifications.told_booking import ToldBooking, person
from shared.workshops.errors import WaitlistEntryNotFound

CLOSED, WAITING = "closed", "WAITING"

_WAITING = text("""
    SELECT w.id, w.status, w.name, w.email, w."timeZone" AS time_zone, w.locale, w.token,
           w."updatedAt" AS changed,
           s."startTime" AS starts, s."endTime" AS ends, s."cancelledAt" IS NOT NULL AS is_off, e.title,
           u.name AS teacher_name, u.email AS teacher_email, u."timeZone" AS teacher_zone,
           u.locale AS teacher_locale, t.name AS school, t.settings->>'replyTo' AS reply_to,
           coalesce(NULLIF(t."customDomain", ''), t.subdomain || '.' || CAST(:base_domain AS text)) AS host
    FROM "WaitlistEntry" w
    JOIN "Tenant" t ON t.id = w."tenantId"
    JOIN "WorkshopSession" s ON s.id = w."sessionId" AND s."tenantId" = w."tenantId"
    JOIN "EventType" e ON e.id = s."eventTypeId" AND e."tenantId" = w."tenantId"
    LEFT JOIN users u ON u.id = s."teacherId" AND u."tenantId" = w."tenantId"
    WHERE w.id = :entry AND w."tenantId" = :tenant
""")


def load_waiting(connection: Connection, tenant_id: int, entry_id: int, base_domain: str) -> ToldBooking:
    """The entry as if it were a booking of the session; its status is CLOSED when the session was called off.

    Raises WaitlistEntryNotFound.
    """
    asked = {"tenant": tenant_id, "entry": entry_id, "base_domain": base_domain}
    row = connection.execute(_WAITING, asked).one_or_none()
    if row is None:
        raise WaitlistEntryNotFound
    return ToldBooking(
        id=row.id,
        uid=f"waiting-{row.id}",
        ics_uid=f"waiting-{row.id}",
        status=CLOSED if row.is_off and row.status == "CLOSED" else row.status,
        starts=row.starts.replace(tzinfo=UTC),
        ends=row.ends.replace(tzinfo=UTC),
        title=row.title,
        path=f"waitlist/{row.id}",
        token=row.token,
        school=row.school,
        reply_to=row.reply_to,
        host=row.host,
        attendee=person(row.name, row.email, row.time_zone, row.locale),
        teacher=person(row.teacher_name, row.teacher_email, row.teacher_zone, row.teacher_locale),
        changed=row.changed.replace(tzinfo=UTC),
    )
