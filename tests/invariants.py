"""What must hold over the whole database after anything: each a query for what breaks it."""

from tests.databases import TestDatabase

INVARIANTS = {
    "nobody is in two places": """
        SELECT 1 FROM "TeacherOccupancy" a JOIN "TeacherOccupancy" b
        ON a."teacherId" = b."teacherId" AND a.id < b.id
           AND a."startTime" < b."endTime" AND b."startTime" < a."endTime"
    """,
    "every booking that takes a teacher's time has its place": """
        SELECT 1 FROM "Booking" b LEFT JOIN "TeacherOccupancy" o
        ON o."bookingId" = b.id AND o."teacherId" = b."userId"
           AND o."startTime" = b."startTime" AND o."endTime" = b."endTime"
        WHERE b."manageToken" IS NOT NULL AND b.status IN ('accepted', 'pending') AND o.id IS NULL
          AND b."workshopSessionNumber" IS NULL
    """,
    "no place is held by a booking that is over": """
        SELECT 1 FROM "TeacherOccupancy" o JOIN "Booking" b ON b.id = o."bookingId"
        WHERE b.status IN ('cancelled', 'rejected')
    """,
    "every booking of ours has its student and its message": """
        SELECT 1 FROM "Booking" b WHERE b."manageToken" IS NOT NULL AND (
            (SELECT count(*) FROM "Attendee" a WHERE a."bookingId" = b.id) <> 1
            OR NOT EXISTS (SELECT FROM "OutboxMessage" m
                           WHERE m.topic IN ('booking.created', 'booking.rescheduled', 'seat.offered')
                             AND (m.payload->>'bookingId' = b.id::text
                                  OR m.payload->'bookingIds' @> to_jsonb(b.id))))
    """,
    "an address has one seat of a session": """
        SELECT 1 FROM "Booking" b JOIN "Attendee" a ON a."bookingId" = b.id
        WHERE b."manageToken" IS NOT NULL AND b."workshopSessionNumber" IS NOT NULL
          AND b.status IN ('accepted', 'pending')
        GROUP BY b."eventTypeId", b."workshopSessionNumber", a.email HAVING count(*) > 1
    """,
    "who is offered a seat holds it, and nobody waits who has one": """
        SELECT 1 FROM "WaitlistEntry" w LEFT JOIN "Booking" b ON b.id = w."bookingId"
        WHERE w.status = 'OFFERED' AND b.status IS DISTINCT FROM 'pending'
           OR w.status = 'WAITING' AND w."bookingId" IS NOT NULL
    """,
    "no session is over its seats, and the seats are those of its bookings": """
        SELECT 1 FROM "WorkshopSession" s
        WHERE s."seatsTaken" > s."seatLimit" OR s."seatsTaken" <> (
            SELECT count(*) FROM "Booking" b
            WHERE b."eventTypeId" = s."eventTypeId" AND b."workshopSessionNumber" = s."sessionNumber"
              AND b.status IN ('accepted', 'pending', 'awaiting_host'))
    """,
    "a booking's idempotency key names one that is there": """
        SELECT 1 FROM "IdempotencyKey" k LEFT JOIN "Booking" b ON b.id = k."bookingId"
        WHERE b.id IS NULL AND strpos(k.key, chr(10)) = 0
    """,
    "the counters equal a recount": """
        SELECT 1 FROM "TenantUsage" u
        FULL JOIN (SELECT "tenantId", extract(year FROM "createdAt") AS year,
                          extract(month FROM "createdAt") AS month, count(*) AS made
                   FROM "Booking" WHERE "manageToken" IS NOT NULL AND "fromReschedule" IS NULL
                   GROUP BY 1, 2, 3) b
        ON b."tenantId" = u."tenantId" AND b.year = u.year AND b.month = u.month
        WHERE coalesce(u."bookingsCount", 0) <> coalesce(b.made, 0)
    """,
    "every hold of ours has an end": """
        SELECT 1 FROM "Booking"
        WHERE status = 'pending' AND "manageToken" IS NOT NULL AND "holdExpiresAt" IS NULL
    """,
    "every end of a booking is written down, once": """
        SELECT 1 FROM "Booking" b
        WHERE "manageToken" IS NOT NULL AND (SELECT count(*) FROM "BookingEvent" e
            WHERE e."bookingId" = b.id AND e.type IN ('CANCELLED', 'EXPIRED', 'REJECTED', 'RESCHEDULED'))
            <> (b.status IN ('cancelled', 'rejected'))::int
    """,
    "a booking is moved once, and only what was moved goes on": """
        SELECT 1 FROM "Booking" child LEFT JOIN "Booking" b ON b.uid = child."fromReschedule"
        WHERE child."fromReschedule" IS NOT NULL AND child."manageToken" IS NOT NULL AND (
            b.status IS DISTINCT FROM 'cancelled' OR NOT b.rescheduled OR b."tenantId" <> child."tenantId"
            OR EXISTS (SELECT FROM "Booking" twin
                       WHERE twin."fromReschedule" = b.uid AND twin.id <> child.id))
    """,
    "money moves along with its booking": """
        SELECT 1 FROM "Payment" p JOIN "Booking" b ON b.id = p."bookingId"
        WHERE b.rescheduled AND b.status = 'cancelled'
    """,
    "nobody is refunded more than was paid": """
        SELECT 1 FROM "Payment" p JOIN "Refund" r ON r."paymentId" = p.id
        WHERE r.status <> 'FAILED' GROUP BY p.id, p.amount, p.success
        HAVING sum(r.amount) > p.amount OR NOT p.success
    """,
    "what is sold is paid, and what is paid is sold or given back but for what was cancelled too late": """
        SELECT 1 FROM "Payment" p JOIN "Booking" b ON b.id = p."bookingId"
        JOIN "Checkout" c ON c.id = p."checkoutId"
        CROSS JOIN LATERAL (SELECT coalesce(sum(r.amount), 0) AS amount FROM "Refund" r
                            WHERE r."paymentId" = p.id AND r.status <> 'FAILED') given
        WHERE p.success <> (c.status = 'PAID')
           OR b.status = 'accepted' AND NOT p.success
           OR b.status = 'rejected' AND p.success AND given.amount <> p.amount AND p."disputedAt" IS NULL
           OR b.status = 'cancelled' AND p.success AND given.amount <> p.amount AND p."disputedAt" IS NULL
              AND NOT EXISTS (SELECT FROM "BookingEvent" e WHERE e."bookingId" = b.id
                              AND e.type = 'CANCELLED' AND e.actor = 'ATTENDEE'
                              AND date_trunc('second', e."createdAt") > b."refundableUntil")
              AND NOT EXISTS (SELECT FROM "Refund" r WHERE r."paymentId" = p.id AND r.status = 'FAILED')
    """,
    "a checkout asks for what its payments are": """
        SELECT 1 FROM "Checkout" c WHERE c.flag IS NULL
          AND c.amount <> (SELECT coalesce(sum(p.amount), 0) FROM "Payment" p WHERE p."checkoutId" = c.id)
    """,
    "what may still be paid holds what it is for, and nothing else is held for it": """
        SELECT 1 FROM "Checkout" c JOIN "Payment" p ON p."checkoutId" = c.id
        JOIN "Booking" b ON b.id = p."bookingId"
        WHERE c.status IN ('EXPIRED', 'FAILED') AND b.status IN ('pending', 'accepted')
    """,
    "what belongs together belongs to one school": """
        SELECT 1 FROM "Booking" b
        LEFT JOIN "EventType" e ON e.id = b."eventTypeId" LEFT JOIN users u ON u.id = b."userId"
        LEFT JOIN "Attendee" a ON a."bookingId" = b.id
        LEFT JOIN "TeacherOccupancy" o ON o."bookingId" = b.id
        WHERE b."tenantId" <> ALL (ARRAY[coalesce(e."tenantId", b."tenantId"),
            coalesce(u."tenantId", b."tenantId"), coalesce(a."tenantId", b."tenantId"),
            coalesce(o."tenantId", b."tenantId")])
    """,
}


def broken_invariants(database: TestDatabase) -> list[str]:
    """The names of those that do not hold."""
    return [name for name, breach in INVARIANTS.items() if database.rows(breach)]
