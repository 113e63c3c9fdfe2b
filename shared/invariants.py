"""What must hold over the whole database after anything: each a query for what breaks it.

Under a role that sees one school they speak of that school. None compares every row with every other.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, text

INVARIANTS: Mapping[str, str] = {
    "nobody is in two places": """
        SELECT 1 FROM (
            SELECT "startTime", max("endTime") OVER (PARTITION BY "teacherId" ORDER BY "startTime", id
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS taken_until
            FROM "TeacherOccupancy") place
        WHERE "startTime" < taken_until
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
    "every booking of ours has its student": """
        SELECT 1 FROM "Booking" b
        LEFT JOIN (SELECT "bookingId", count(*) AS n FROM "Attendee" GROUP BY 1) a ON a."bookingId" = b.id
        WHERE b."manageToken" IS NOT NULL AND coalesce(a.n, 0) <> 1
    """,
    "every booking of ours has its message": """
        SELECT id::text FROM "Booking" WHERE "manageToken" IS NOT NULL
        EXCEPT
        SELECT jsonb_array_elements_text(coalesce(payload->'bookingIds', '[]')
                                         || coalesce(payload->'bookingId', '[]'))
        FROM "OutboxMessage" WHERE topic IN ('booking.created', 'booking.rescheduled', 'seat.offered')
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
        LEFT JOIN (SELECT "eventTypeId", "workshopSessionNumber" AS number, count(*) AS n FROM "Booking"
                   WHERE status IN ('accepted', 'pending', 'awaiting_host') GROUP BY 1, 2) b
        ON b."eventTypeId" = s."eventTypeId" AND b.number = s."sessionNumber"
        WHERE s."seatsTaken" > s."seatLimit" OR s."seatsTaken" <> coalesce(b.n, 0)
    """,
    "an idempotency key names a booking that is there": """
        SELECT 1 FROM "IdempotencyKey" k LEFT JOIN "Booking" b ON b.id = k."bookingId"
        WHERE b.id IS NULL AND k."bookingId" IS NOT NULL
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
    "nobody is warned twice of the same": """
        SELECT 1 FROM "OutboxMessage" WHERE topic = 'usage.warning'
        GROUP BY "tenantId", payload HAVING count(*) > 1
    """,
    "every hold of ours has an end": """
        SELECT 1 FROM "Booking"
        WHERE status = 'pending' AND "manageToken" IS NOT NULL AND "holdExpiresAt" IS NULL
    """,
    "every end of a booking is written down, once": """
        SELECT 1 FROM "Booking" b
        LEFT JOIN (SELECT "bookingId", count(*) AS n FROM "BookingEvent"
                   WHERE type IN ('CANCELLED', 'EXPIRED', 'REJECTED', 'RESCHEDULED') GROUP BY 1) e
        ON e."bookingId" = b.id
        WHERE b."manageToken" IS NOT NULL
          AND coalesce(e.n, 0) <> (b.status IN ('cancelled', 'rejected'))::int
    """,
    "a booking is moved once, and only what was moved goes on": """
        SELECT 1 FROM (SELECT *, count(*) OVER (PARTITION BY "fromReschedule") AS children FROM "Booking"
                       WHERE "fromReschedule" IS NOT NULL) child
        LEFT JOIN "Booking" b ON b.uid = child."fromReschedule"
        WHERE child."manageToken" IS NOT NULL AND (
            b.status IS DISTINCT FROM 'cancelled' OR NOT b.rescheduled OR b."tenantId" <> child."tenantId"
            OR child.children > 1)
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
        LEFT JOIN (SELECT "paymentId", sum(amount) FILTER (WHERE status <> 'FAILED') AS amount,
                          bool_or(status = 'FAILED') AS failed FROM "Refund" GROUP BY 1) given
        ON given."paymentId" = p.id
        LEFT JOIN (SELECT "bookingId", max(date_trunc('second', "createdAt")) AS at FROM "BookingEvent"
                   WHERE type = 'CANCELLED' AND actor = 'ATTENDEE' GROUP BY 1) attendee
        ON attendee."bookingId" = b.id
        WHERE p.success <> (c.status = 'PAID')
           OR b.status = 'accepted' AND NOT p.success
           OR b.status IN ('rejected', 'cancelled') AND p.success AND p."disputedAt" IS NULL
              AND coalesce(given.amount, 0) <> p.amount
              AND NOT (b.status = 'cancelled' AND (coalesce(attendee.at > b."refundableUntil", false)
                                                   OR coalesce(given.failed, false)))
    """,
    "a checkout asks for what its payments are": """
        SELECT 1 FROM "Checkout" c
        LEFT JOIN (SELECT "checkoutId", sum(amount) AS amount FROM "Payment" GROUP BY 1) p
        ON p."checkoutId" = c.id
        WHERE c.flag IS NULL AND c.amount <> coalesce(p.amount, 0)
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


def broken_invariants(connection: Connection) -> list[str]:
    """The names of those that do not hold."""
    return [
        name
        for name, breach in INVARIANTS.items()
        if connection.execute(text(f"SELECT EXISTS ({breach})")).scalar_one()
    ]
