"""What a booking lives through: holds that end, refunds, who did what when, waitlists, counted requests."""

from migrations.ddl import create_index, drop_index, quoted, step, table_exists
from migrations.isolation import isolate

revision = "20261122_09"
down_revision = "20261122_08"
branch_labels = None
depends_on = None

# Until when a pending booking keeps its time, and until when the student who cancels is refunded: both are
# settled when the booking is made, so that later changes of the event type do not reach it.
COLUMNS = ('"holdExpiresAt" timestamp(3)', '"refundableUntil" timestamp(3)')

OF_TENANT = """CONSTRAINT "{table}_tenantId_fkey" FOREIGN KEY ("tenantId")
            REFERENCES "Tenant"(id) ON UPDATE CASCADE ON DELETE CASCADE"""
OF_BOOKING = """CONSTRAINT "{table}_bookingId_fkey" FOREIGN KEY ("bookingId", "tenantId")
            REFERENCES "Booking"(id, "tenantId") ON UPDATE CASCADE ON DELETE CASCADE"""

TABLES = {
    # That it was made, and when, the booking says itself.
    "BookingEvent": f"""
        CREATE TABLE "BookingEvent" (
            id bigserial,
            "tenantId" integer NOT NULL,
            "bookingId" integer NOT NULL,
            type text NOT NULL,
            actor text NOT NULL,
            "actorId" integer,
            details jsonb,
            "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            CONSTRAINT "BookingEvent_pkey" PRIMARY KEY (id),
            CONSTRAINT booking_event_type_known CHECK (type IN (
                'CONFIRMED', 'REJECTED', 'CANCELLED', 'EXPIRED', 'RESCHEDULED',
                'SEAT_OFFERED', 'SEAT_ACCEPTED', 'NO_SHOW', 'NO_SHOW_UNDONE')),
            CONSTRAINT booking_event_actor_known CHECK (actor IN ('ATTENDEE', 'STAFF', 'SYSTEM')),
            {OF_TENANT.format(table="BookingEvent")},
            {OF_BOOKING.format(table="BookingEvent")},
            CONSTRAINT "BookingEvent_actorId_fkey" FOREIGN KEY ("actorId", "tenantId")
                REFERENCES users(id, "tenantId") ON UPDATE CASCADE ON DELETE SET NULL ("actorId")
        )
    """,
    # The intention to give money back, whose id is the key under which Stripe is asked for it.
    "Refund": f"""
        CREATE TABLE "Refund" (
            id uuid DEFAULT gen_random_uuid(),
            "tenantId" integer NOT NULL,
            "bookingId" integer NOT NULL,
            "paymentId" integer NOT NULL,
            amount integer NOT NULL,
            currency text NOT NULL,
            reason text NOT NULL,
            status text NOT NULL DEFAULT 'PENDING',
            "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            "updatedAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            CONSTRAINT "Refund_pkey" PRIMARY KEY (id),
            CONSTRAINT refund_gives_something CHECK (amount > 0),
            CONSTRAINT refund_reason_known CHECK (reason IN ('ATTENDEE_IN_TIME', 'SCHOOL')),
            CONSTRAINT refund_status_known CHECK (status IN ('PENDING', 'SUCCEEDED', 'FAILED')),
            {OF_TENANT.format(table="Refund")},
            {OF_BOOKING.format(table="Refund")},
            CONSTRAINT "Refund_paymentId_fkey" FOREIGN KEY ("paymentId", "tenantId")
                REFERENCES "Payment"(id, "tenantId") ON UPDATE CASCADE ON DELETE CASCADE
        )
    """,
    # Whoever is offered a freed seat has a booking that holds it for a while; the entry says which.
    "WaitlistEntry": f"""
        CREATE TABLE "WaitlistEntry" (
            id bigserial,
            "tenantId" integer NOT NULL,
            "sessionId" integer NOT NULL,
            "bookingId" integer,
            name text NOT NULL,
            email text NOT NULL,
            "timeZone" text NOT NULL,
            locale text NOT NULL DEFAULT 'en',
            token text NOT NULL,
            status text NOT NULL DEFAULT 'WAITING',
            position integer NOT NULL DEFAULT 1,
            "idempotencyKey" text,
            "requestHash" text,
            "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            "updatedAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            CONSTRAINT "WaitlistEntry_pkey" PRIMARY KEY (id),
            CONSTRAINT waitlist_status_known CHECK (
                status IN ('WAITING', 'OFFERED', 'BOOKED', 'EXPIRED', 'LEFT', 'CLOSED')),
            {OF_TENANT.format(table="WaitlistEntry")},
            CONSTRAINT "WaitlistEntry_sessionId_fkey" FOREIGN KEY ("sessionId", "tenantId")
                REFERENCES "WorkshopSession"(id, "tenantId") ON UPDATE CASCADE ON DELETE CASCADE,
            CONSTRAINT "WaitlistEntry_bookingId_fkey" FOREIGN KEY ("bookingId", "tenantId")
                REFERENCES "Booking"(id, "tenantId") ON UPDATE CASCADE ON DELETE SET NULL ("bookingId")
        )
    """,
    # How often somebody asked within a window; `subject` is a digest, never an address. Nobody misses it
    # after a crash.
    "RequestCount": f"""
        CREATE UNLOGGED TABLE "RequestCount" (
            "tenantId" integer NOT NULL,
            kind text NOT NULL,
            subject text NOT NULL,
            "windowStart" timestamp(3) NOT NULL,
            count integer NOT NULL DEFAULT 1,
            CONSTRAINT "RequestCount_pkey" PRIMARY KEY ("tenantId", kind, subject, "windowStart"),
            {OF_TENANT.format(table="RequestCount")}
        )
    """,
}

INDEXES = (
    'CREATE INDEX "BookingEvent_tenantId_idx" ON "BookingEvent" ("tenantId")',
    'CREATE INDEX "BookingEvent_bookingId_idx" ON "BookingEvent" ("bookingId")',
    'CREATE INDEX "BookingEvent_actorId_idx" ON "BookingEvent" ("actorId")',
    'CREATE INDEX "Refund_tenantId_idx" ON "Refund" ("tenantId")',
    'CREATE INDEX "Refund_bookingId_idx" ON "Refund" ("bookingId")',
    # A rule gives a payment back once, whoever cancels at the same time.
    'CREATE UNIQUE INDEX "Refund_paymentId_by_rule_key" ON "Refund" ("paymentId") '
    "WHERE reason IN ('ATTENDEE_IN_TIME', 'SCHOOL')",
    'CREATE INDEX "WaitlistEntry_tenantId_idx" ON "WaitlistEntry" ("tenantId")',
    'CREATE UNIQUE INDEX "WaitlistEntry_tenantId_idempotencyKey_key" ON "WaitlistEntry" '
    '("tenantId", "idempotencyKey")',
    'CREATE INDEX "WaitlistEntry_bookingId_idx" ON "WaitlistEntry" ("bookingId")',
    'CREATE UNIQUE INDEX "WaitlistEntry_sessionId_email_key" ON "WaitlistEntry" ("sessionId", email) '
    "WHERE status IN ('WAITING', 'OFFERED')",
    'CREATE INDEX "WaitlistEntry_sessionId_waiting_idx" ON "WaitlistEntry" ("sessionId", id) '
    "WHERE status = 'WAITING'",
    'CREATE INDEX "RequestCount_windowStart_idx" ON "RequestCount" ("windowStart")',
)

# By name: what is indexed, whether it is unique, and which rows.
OF_BOOKINGS = {
    "Booking_tenantId_startTime_idx": ('"tenantId", "startTime"', False, ""),
    # What waits for the school's word, which its staff ask for most often.
    "Booking_pending_idx": ('"tenantId", "startTime", id', False, "status = 'pending'"),
    "Booking_holdExpiresAt_idx": (
        '"holdExpiresAt"',
        False,
        "\"holdExpiresAt\" IS NOT NULL AND status = 'pending'",
    ),
    # A booking is moved once: whoever moves it again at the same time is refused.
    "Booking_moved_once_key": (
        '"tenantId", "fromReschedule"',
        True,
        '"fromReschedule" IS NOT NULL AND "manageToken" IS NOT NULL',
    ),
}


def upgrade() -> None:
    step(f'ALTER TABLE "Booking" {", ".join(f"ADD COLUMN IF NOT EXISTS {column}" for column in COLUMNS)}')
    for name, (indexed, unique, where) in OF_BOOKINGS.items():
        create_index(name, "Booking", indexed, unique=unique, where=where)
    for table, statement in TABLES.items():
        if not table_exists(table):
            step(statement, *(index for index in INDEXES if f" ON {quoted(table)} " in index))
        isolate(table)


def downgrade() -> None:
    for table in reversed(TABLES):
        step(f"DROP TABLE IF EXISTS {quoted(table)}")
    for name in OF_BOOKINGS:
        drop_index(name)
    step(f'ALTER TABLE "Booking" {", ".join(f"DROP COLUMN IF EXISTS {c.split()[0]}" for c in COLUMNS)}')
