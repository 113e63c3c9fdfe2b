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
                           WHERE m.topic = 'booking.created' AND m.payload->>'bookingId' = b.id::text))
    """,
    "no session is over its seats, and the seats are those of its bookings": """
        SELECT 1 FROM "WorkshopSession" s
        WHERE s."seatsTaken" > s."seatLimit" OR s."seatsTaken" <> (
            SELECT count(*) FROM "Booking" b
            WHERE b."eventTypeId" = s."eventTypeId" AND b."workshopSessionNumber" = s."sessionNumber"
              AND b.status IN ('accepted', 'pending', 'awaiting_host'))
    """,
    "an idempotency key names a booking that is there": """
        SELECT 1 FROM "IdempotencyKey" k LEFT JOIN "Booking" b ON b.id = k."bookingId" WHERE b.id IS NULL
    """,
    "the counters equal a recount": """
        SELECT 1 FROM "TenantUsage" u
        FULL JOIN (SELECT "tenantId", extract(year FROM "createdAt") AS year,
                          extract(month FROM "createdAt") AS month, count(*) AS made
                   FROM "Booking" WHERE "manageToken" IS NOT NULL GROUP BY 1, 2, 3) b
        ON b."tenantId" = u."tenantId" AND b.year = u.year AND b.month = u.month
        WHERE coalesce(u."bookingsCount", 0) <> coalesce(b.made, 0)
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
