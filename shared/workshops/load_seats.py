"""The look before seats are taken: the workshop, what is known of who asks, and the sessions in question."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, Row, Text, bindparam, text

from shared.database import CURRENT_TENANT
from shared.event_types.errors import EventTypeNotFound
from shared.tenants.errors import TenantNotFound, TenantSuspended

_LOOK = text(f"""
    SELECT t.id AS tenant, t."subscriptionStatus" AS status, t."maxBookingsPerMonth" AS allowed,
        e.id AS event_type, e.title, e."isWorkshop" AS is_workshop, e."minimumBookingNotice" AS notice,
        greatest(e."workshopPrice", e.price) > 0 AS is_paid,
        e."requiresConfirmation" AS requires_confirmation, e."whitelistEnabled" AS whitelist_enabled,
        e."maxActiveBookingsPerBooker" AS most_active,
        CASE WHEN e."maxActiveBookingsPerBooker" IS NOT NULL
             THEN active_bookings(e.id, :email) ELSE 0 END AS active,
        EXISTS (SELECT FROM "WhitelistEntry" w WHERE w."eventTypeId" = e.id AND w."tenantId" = t.id
                AND w.email = :email) AS is_listed,
        (SELECT u."bookingsCount" FROM "TenantUsage" u
         WHERE u."tenantId" = t.id AND u.year = :year AND u.month = :month) AS used,
        CASE WHEN CAST(:key AS text) IS NULL THEN true
             ELSE pg_try_advisory_xact_lock(t.id, hashtext(:key)) END AS is_alone,
        (SELECT json_build_object('requestHash', k."requestHash", 'answer', k.answer,
             'tokens', (SELECT json_object_agg(s.uid, s."manageToken") FROM "Booking" s
                        WHERE s."tenantId" = t.id
                          AND (s.id = b.id OR s."recurringEventId" = b."recurringEventId")))
         FROM "IdempotencyKey" k JOIN "Booking" b ON b.id = k."bookingId" AND b."tenantId" = t.id
         WHERE k."tenantId" = t.id AND k.key = :key) AS first,
        (SELECT json_agg(json_build_object(
             'id', s.id, 'number', s."sessionNumber",
             'teacher', json_build_object('id', coalesce(u.id, 0), 'name', coalesce(u.name, '')),
             'start', extract(epoch FROM s."startTime"), 'end', extract(epoch FROM s."endTime"),
             'is_cancelled', s."cancelledAt" IS NOT NULL,
             'has_seat', coalesce(s."seatsTaken" < s."seatLimit", true) AND NOT EXISTS (
                 SELECT FROM "WaitlistEntry" w WHERE w."tenantId" = t.id AND w."sessionId" = s.id
                   AND w.status = 'WAITING'),
             'is_held', seats_held(t.id, ARRAY[s.id], :email) <> '{{}}') ORDER BY s."startTime", s.id)
         FROM "WorkshopSession" s LEFT JOIN users u ON u.id = s."teacherId" AND u."tenantId" = t.id
         WHERE s."eventTypeId" = e.id AND s."tenantId" = t.id AND CASE WHEN CAST(:number AS int) IS NOT NULL
             THEN s."sessionNumber" = :number
             ELSE s."cancelledAt" IS NULL AND s."startTime" > CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
                  + make_interval(mins => least(e."minimumBookingNotice", 1000000)) END) AS sessions
    FROM "Tenant" t
    LEFT JOIN "EventType" e ON e.id = :event_type AND e."tenantId" = t.id AND e."isPublished"
    WHERE t.id = {CURRENT_TENANT}
""").bindparams(  # noqa: S608  # only the constant above is put in
    bindparam("key", type_=Text), bindparam("number", type_=Integer), bindparam("email", type_=Text)
)


def load_seats(  # what is asked
    connection: Connection, event_type: int, number: int | None, email: str, key: str | None, now: datetime
) -> Row[Any]:
    """The workshop with that session, or with all to come for None; `sessions` may be None.

    Takes the lock of `key`, if any. Raises TenantNotFound, TenantSuspended, EventTypeNotFound.
    """
    asked = {"event_type": event_type, "number": number, "email": email, "key": key, "now": now}
    row = connection.execute(_LOOK, {**asked, "year": now.year, "month": now.month}).one_or_none()
    if row is None:
        raise TenantNotFound
    if row.status != "ACTIVE":
        raise TenantSuspended
    if row.event_type is None:
        raise EventTypeNotFound
    return row
