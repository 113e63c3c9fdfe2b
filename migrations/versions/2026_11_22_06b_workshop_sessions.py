"""Seats cannot be oversold: one row a session, which counts its seats and takes its teacher's time.

A booking holds a seat when it names an event type and a session of it. A trigger counts it for every
writer, and the database refuses the one too many. A session has its place among the lessons of its
teacher, so that nobody is in two places.
"""

from migrations.ddl import quoted, step, table_exists

revision = "20261122_06b"
down_revision = "20261122_06"
branch_labels = None
depends_on = None

SESSIONS = """
    CREATE TABLE "WorkshopSession" (
        id serial,
        "tenantId" integer NOT NULL,
        "eventTypeId" integer NOT NULL,
        "sessionNumber" integer NOT NULL,
        "teacherId" integer,
        "startTime" timestamp(3) NOT NULL,
        "endTime" timestamp(3) NOT NULL,
        "seatsTaken" integer NOT NULL DEFAULT 0,
        "seatLimit" integer,
        "cancelledAt" timestamp(3),
        "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
        "updatedAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
        CONSTRAINT "WorkshopSession_pkey" PRIMARY KEY (id),
        CONSTRAINT workshop_session_is_numbered CHECK ("sessionNumber" >= 1),
        CONSTRAINT workshop_session_takes_time CHECK ("endTime" > "startTime"),
        CONSTRAINT workshop_session_not_oversold CHECK ("seatsTaken" BETWEEN 0 AND "seatLimit"),
        CONSTRAINT "WorkshopSession_tenantId_fkey" FOREIGN KEY ("tenantId")
            REFERENCES "Tenant"(id) ON UPDATE CASCADE ON DELETE CASCADE,
        CONSTRAINT "WorkshopSession_eventTypeId_fkey" FOREIGN KEY ("eventTypeId", "tenantId")
            REFERENCES "EventType"(id, "tenantId") ON UPDATE CASCADE ON DELETE CASCADE,
        CONSTRAINT "WorkshopSession_teacherId_fkey" FOREIGN KEY ("teacherId", "tenantId")
            REFERENCES users(id, "tenantId") ON UPDATE CASCADE ON DELETE SET NULL ("teacherId")
    )
"""

INDEXES = (
    'CREATE UNIQUE INDEX "WorkshopSession_eventTypeId_sessionNumber_key" '
    'ON "WorkshopSession" ("eventTypeId", "sessionNumber")',
    'CREATE UNIQUE INDEX "WorkshopSession_id_tenantId_key" ON "WorkshopSession" (id, "tenantId")',
    'CREATE INDEX "WorkshopSession_tenantId_startTime_idx" ON "WorkshopSession" ("tenantId", "startTime")',
    'CREATE INDEX "WorkshopSession_teacherId_idx" ON "WorkshopSession" ("teacherId")',
)

OCCUPANCY = (
    """
    ALTER TABLE "TeacherOccupancy"
        ALTER COLUMN "bookingId" DROP NOT NULL,
        ADD COLUMN "sessionId" integer,
        ADD CONSTRAINT occupancy_is_of_one_thing CHECK (num_nonnulls("bookingId", "sessionId") = 1),
        ADD CONSTRAINT "TeacherOccupancy_sessionId_fkey" FOREIGN KEY ("sessionId", "tenantId")
            REFERENCES "WorkshopSession"(id, "tenantId") ON UPDATE CASCADE ON DELETE CASCADE
    """,
    'CREATE UNIQUE INDEX "TeacherOccupancy_sessionId_key" ON "TeacherOccupancy" ("sessionId")',
)

HOLDS_A_SEAT = """
    {row}."eventTypeId" IS NOT NULL AND {row}."workshopSessionNumber" IS NOT NULL
    AND {row}.status IN ('accepted', 'pending', 'awaiting_host')
"""

# SECURITY DEFINER as for the occupancy: whoever may write a booking need not be able to write sessions.
SEATS = f"""
    CREATE OR REPLACE FUNCTION keep_seats() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        had boolean := TG_OP <> 'INSERT' AND ({HOLDS_A_SEAT.format(row="OLD")});
        has boolean := TG_OP <> 'DELETE' AND ({HOLDS_A_SEAT.format(row="NEW")});
    BEGIN
        IF had AND has AND (OLD."eventTypeId", OLD."workshopSessionNumber")
                         = (NEW."eventTypeId", NEW."workshopSessionNumber") THEN
            RETURN NULL;
        END IF;
        IF had THEN
            UPDATE "WorkshopSession" SET "seatsTaken" = "seatsTaken" - 1
            WHERE "eventTypeId" = OLD."eventTypeId" AND "sessionNumber" = OLD."workshopSessionNumber"
              AND "tenantId" = OLD."tenantId";
        END IF;
        IF has THEN
            UPDATE "WorkshopSession" SET "seatsTaken" = "seatsTaken" + 1
            WHERE "eventTypeId" = NEW."eventTypeId" AND "sessionNumber" = NEW."workshopSessionNumber"
              AND "tenantId" = NEW."tenantId" AND "cancelledAt" IS NULL;
            IF NOT FOUND THEN
                RAISE foreign_key_violation USING MESSAGE = 'the workshop has no such session',
                    CONSTRAINT = 'booking_session_exists';
            END IF;
        END IF;
        RETURN NULL;
    END $$
"""
# One for each kind of change, so that a lesson, which names no session, does not wait for the function.
SEATS_TRIGGERS = {
    "keep_seats_of_new": ("INSERT", 'NEW."workshopSessionNumber" IS NOT NULL'),
    "keep_seats_of_changed": (
        'UPDATE OF status, "eventTypeId", "workshopSessionNumber"',
        'OLD."workshopSessionNumber" IS NOT NULL OR NEW."workshopSessionNumber" IS NOT NULL',
    ),
    "keep_seats_of_deleted": ("DELETE", 'OLD."workshopSessionNumber" IS NOT NULL'),
}

PLACES = """
    CREATE OR REPLACE FUNCTION keep_session_occupancy() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        DELETE FROM "TeacherOccupancy" WHERE "sessionId" = NEW.id;
        IF NEW."teacherId" IS NOT NULL AND NEW."cancelledAt" IS NULL THEN
            INSERT INTO "TeacherOccupancy" ("tenantId", "teacherId", "sessionId",
                "startTime", "endTime", "busyFrom", "busyUntil")
            VALUES (NEW."tenantId", NEW."teacherId", NEW.id,
                NEW."startTime", NEW."endTime", NEW."startTime", NEW."endTime");
        END IF;
        RETURN NULL;
    END $$
"""
PLACES_TRIGGER = """
    CREATE OR REPLACE TRIGGER keep_session_occupancy
    AFTER INSERT OR UPDATE OF "teacherId", "startTime", "endTime", "cancelledAt" ON "WorkshopSession"
    FOR EACH ROW EXECUTE FUNCTION keep_session_occupancy()
"""


def upgrade() -> None:
    if not table_exists("WorkshopSession"):
        step(SESSIONS, *INDEXES, *OCCUPANCY)
    step(
        SEATS,
        PLACES,
        "REVOKE ALL ON FUNCTION keep_seats(), keep_session_occupancy() FROM PUBLIC",
        *(
            f"""CREATE OR REPLACE TRIGGER {name} AFTER {change} ON "Booking"
                FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION keep_seats()"""
            for name, (change, condition) in SEATS_TRIGGERS.items()
        ),
        PLACES_TRIGGER,
    )


def downgrade() -> None:
    step(
        *(f'DROP TRIGGER IF EXISTS {name} ON "Booking"' for name in SEATS_TRIGGERS),
        "DROP FUNCTION IF EXISTS keep_seats()",
        'DELETE FROM "TeacherOccupancy" WHERE "sessionId" IS NOT NULL',
        'ALTER TABLE "TeacherOccupancy" DROP COLUMN "sessionId", ALTER COLUMN "bookingId" SET NOT NULL',
    )
    step(f"DROP TABLE IF EXISTS {quoted('WorkshopSession')}")
    step("DROP FUNCTION IF EXISTS keep_session_occupancy()")
