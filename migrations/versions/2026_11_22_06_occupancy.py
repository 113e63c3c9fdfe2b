"""Nobody is in two places at once: one row a lesson, and a constraint that no two of a teacher overlap.

Bookings pass through it whoever writes them. This service inserts the occupancy itself, with the
event type's buffers, before the booking; for every other writer the trigger on "Booking" does it.
"""

from alembic import op

revision = "20261122_06"
down_revision = "20261122_05"
branch_labels = None
depends_on = None

OCCUPANCY = """
    CREATE TABLE "TeacherOccupancy" (
        id bigserial,
        "tenantId" integer NOT NULL,
        "teacherId" integer NOT NULL,
        "bookingId" integer NOT NULL,
        "startTime" timestamp(3) NOT NULL,
        "endTime" timestamp(3) NOT NULL,
        "busyFrom" timestamp(3) NOT NULL,
        "busyUntil" timestamp(3) NOT NULL,
        CONSTRAINT "TeacherOccupancy_pkey" PRIMARY KEY (id),
        CONSTRAINT occupancy_busy_covers_lesson CHECK (
            "busyFrom" <= "startTime" AND "startTime" < "endTime" AND "endTime" <= "busyUntil"),
        CONSTRAINT occupancy_one_place_at_a_time EXCLUDE USING gist (
            "teacherId" WITH =, tsrange("busyFrom", "busyUntil") WITH &&),
        CONSTRAINT "TeacherOccupancy_tenantId_fkey" FOREIGN KEY ("tenantId")
            REFERENCES "Tenant"(id) ON UPDATE CASCADE ON DELETE CASCADE,
        CONSTRAINT "TeacherOccupancy_teacherId_fkey" FOREIGN KEY ("teacherId", "tenantId")
            REFERENCES users(id, "tenantId") ON UPDATE CASCADE ON DELETE CASCADE,
        CONSTRAINT "TeacherOccupancy_bookingId_fkey" FOREIGN KEY ("bookingId", "tenantId")
            REFERENCES "Booking"(id, "tenantId") ON UPDATE CASCADE ON DELETE CASCADE
    )
"""

# The slots are read with plain comparisons: range operators are not leakproof and lose their index
# under row-level security.
INDEXES = (
    'CREATE UNIQUE INDEX "TeacherOccupancy_bookingId_key" ON "TeacherOccupancy" ("bookingId")',
    'CREATE INDEX "TeacherOccupancy_tenantId_teacherId_busyUntil_idx" '
    'ON "TeacherOccupancy" ("tenantId", "teacherId", "busyUntil")',
)

# A pending booking of Cal.com waits for the host's word and holds the time only where its event type
# says so; a pending one of ours is a hold. SECURITY DEFINER because Cal.com's role has no business here.
FUNCTION = """
    CREATE FUNCTION keep_occupancy() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        holds boolean := NEW."userId" IS NOT NULL
            AND NEW."workshopSessionNumber" IS NULL
            AND NEW."endTime" > NEW."startTime"
            AND (NEW.status = 'accepted' OR NEW.status = 'pending' AND (
                NEW."manageToken" IS NOT NULL
                OR EXISTS (SELECT FROM "EventType" WHERE id = NEW."eventTypeId"
                           AND "requiresConfirmationWillBlockSlot")));
    BEGIN
        IF NEW."fromReschedule" IS NOT NULL THEN
            DELETE FROM "TeacherOccupancy" o USING "Booking" b
            WHERE b.uid = NEW."fromReschedule" AND b."tenantId" = NEW."tenantId"
              AND o."bookingId" = b.id AND b.id <> NEW.id;
        END IF;
        IF TG_OP = 'UPDATE' THEN
            DELETE FROM "TeacherOccupancy" WHERE "bookingId" = NEW.id
              AND (NOT holds OR "teacherId" <> NEW."userId"
                   OR "startTime" <> NEW."startTime" OR "endTime" <> NEW."endTime");
        END IF;
        IF holds THEN
            INSERT INTO "TeacherOccupancy" ("tenantId", "teacherId", "bookingId",
                "startTime", "endTime", "busyFrom", "busyUntil")
            VALUES (NEW."tenantId", NEW."userId", NEW.id,
                NEW."startTime", NEW."endTime", NEW."startTime", NEW."endTime")
            ON CONFLICT ("bookingId") DO NOTHING;
        END IF;
        RETURN NULL;
    END $$
"""

TRIGGER = """
    CREATE TRIGGER keep_occupancy
    AFTER INSERT OR UPDATE OF "userId", "startTime", "endTime", status, "workshopSessionNumber" ON "Booking"
    FOR EACH ROW EXECUTE FUNCTION keep_occupancy()
"""

# On adoption the bookings still to come take their places one by one; of two that overlap, the older
# keeps the place and the other stays out, to be settled by the school.
TAKE_PLACES = """
    INSERT INTO "TeacherOccupancy" ("tenantId", "teacherId", "bookingId",
        "startTime", "endTime", "busyFrom", "busyUntil")
    SELECT "tenantId", "userId", id, "startTime", "endTime", "startTime", "endTime"
    FROM "Booking"
    WHERE "userId" IS NOT NULL AND status = 'accepted' AND "endTime" > "startTime"
      AND "endTime" > now() AT TIME ZONE 'UTC'
    ORDER BY id
    ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    for statement in (OCCUPANCY, *INDEXES, FUNCTION, TRIGGER, TAKE_PLACES):
        op.execute(statement)
    op.execute("REVOKE ALL ON FUNCTION keep_occupancy() FROM PUBLIC")


def downgrade() -> None:
    op.execute('DROP TRIGGER keep_occupancy ON "Booking"')
    op.execute("DROP FUNCTION keep_occupancy()")
    op.execute('DROP TABLE "TeacherOccupancy"')
