"""The money is there: what waited for it is booked, and what is gone by now is paid back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Integer, bindparam, text

from shared.bookings.actors import SYSTEM
from shared.bookings.cancel_bookings import cancel_bookings
from shared.bookings.refunds import request_refunds

IDS = bindparam("ids", type_=ARRAY(Integer))

_MARK = text("""
    UPDATE "Payment" SET success = true WHERE "checkoutId" = :checkout AND "tenantId" = :tenant
""")
# Whoever was held is told now, as if they had just booked: the letters of then were kept back. A request that
# the school confirms waits on, until its start.
_ACCEPT = text("""
    WITH at AS (SELECT CAST(:now AS timestamptz) AT TIME ZONE 'UTC' AS now),
    sold AS (SELECT c."confirmsLater" FROM "Checkout" c WHERE c.id = :checkout AND c."tenantId" = :tenant),
    accepted AS (
        UPDATE "Booking" b SET paid = true, "updatedAt" = at.now,
               status = CASE WHEN sold."confirmsLater" THEN b.status ELSE 'accepted' END,
               "holdExpiresAt" = CASE WHEN sold."confirmsLater" THEN b."startTime" END
        FROM at, sold WHERE b.id = ANY(:ids) AND b."tenantId" = :tenant AND b.status = 'pending'
          AND b."startTime" > at.now
        RETURNING b.id, b."userId", b."startTime", b."recurringEventId"),
    recorded AS (
        INSERT INTO "BookingEvent" ("tenantId", "bookingId", type, actor, "createdAt")
        SELECT :tenant, id, 'PAID', 'ATTENDEE', at.now FROM accepted, at ORDER BY id),
    seated AS (
        UPDATE "WaitlistEntry" w SET status = 'BOOKED', "updatedAt" = at.now FROM accepted, at
        WHERE w."bookingId" = accepted.id AND w."tenantId" = :tenant),
    told AS (
        INSERT INTO "OutboxMessage" ("tenantId", topic, payload)
        SELECT :tenant, 'booking.created',
               CASE WHEN min("recurringEventId") IS NULL THEN jsonb_build_object('bookingId', min(id))
                    ELSE jsonb_build_object('bookingIds', jsonb_agg(id ORDER BY "startTime", id)) END || whom
        FROM accepted CROSS JOIN LATERAL (VALUES ('{}'::jsonb, NULL), ('{"to": "teacher"}', "userId"))
            AS message (whom, teacher)
        WHERE whom = '{}' OR teacher IS NOT NULL
        GROUP BY whom, teacher ORDER BY whom)
    SELECT id FROM accepted
""").bindparams(IDS)
# What is paid together is told together.
_TELL_RETURNED = text("""
    INSERT INTO "OutboxMessage" ("tenantId", topic, payload)
    SELECT :tenant, 'payment.returned',
           jsonb_build_object('bookingIds', jsonb_agg(id ORDER BY "startTime", id))
    FROM "Booking" WHERE id = ANY(:ids) AND "tenantId" = :tenant HAVING count(*) > 0
""").bindparams(IDS)
_ALIVE = text("""
    SELECT id FROM "Booking" WHERE id = ANY(:ids) AND "tenantId" = :tenant AND status = 'accepted'
""").bindparams(IDS)


def accept_paid(
    connection: Connection, tenant_id: int, checkout_id: UUID, booking_ids: list[int], now: datetime
) -> None:
    """Once for a checkout, whose bookings are locked: it has just become paid."""
    key = {"checkout": checkout_id, "tenant": tenant_id}
    connection.execute(_MARK, key)
    accepted = set(connection.execute(_ACCEPT, {**key, "ids": booking_ids, "now": now}).scalars())
    others = [each for each in booking_ids if each not in accepted]
    # What has begun meanwhile is over: its hold ended with the start at the latest.
    cancel_bookings(connection, tenant_id, others, SYSTEM, None, now)
    alive = set(connection.execute(_ALIVE, {"tenant": tenant_id, "ids": others}).scalars())
    gone = [each for each in others if each not in alive]
    request_refunds(connection, tenant_id, gone, "LATE_PAYMENT", now)
    connection.execute(_TELL_RETURNED, {"tenant": tenant_id, "ids": gone})
