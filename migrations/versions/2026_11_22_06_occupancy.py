"""Nobody is in two places at once: one row a lesson, and a constraint that no two of a teacher overlap.

Bookings pass through it whoever writes them. This service inserts the occupancy itself, with the
event type's buffers, before the booking; for every other writer the trigger on "Booking" does it.
"""

from migrations.ddl import batches, quoted, step, table_exists

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

# Of bookings that overlapped when the database was adopted, all but the oldest stay out of the occupancy
# and stand here, with those whose place they would need, for the school to settle.
CONFLICTS = """
    CREATE TABLE "OccupancyConflict" (
        "tenantId" integer NOT NULL,
        "bookingId" integer NOT NULL,
        "conflictsWithId" integer NOT NULL,
        "foundAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
        CONSTRAINT "OccupancyConflict_pkey" PRIMARY KEY ("bookingId", "conflictsWithId"),
        CONSTRAINT "OccupancyConflict_tenantId_fkey" FOREIGN KEY ("tenantId")
            REFERENCES "Tenant"(id) ON UPDATE CASCADE ON DELETE CASCADE,
        CONSTRAINT "OccupancyConflict_bookingId_fkey" FOREIGN KEY ("bookingId", "tenantId")
            REFERENCES "Booking"(id, "tenantId") ON UPDATE CASCADE ON DELETE CASCADE,
        CONSTRAINT "OccupancyConflict_conflictsWithId_fkey" FOREIGN KEY ("conflictsWithId", "tenantId")
            REFERENCES "Booking"(id, "tenantId") ON UPDATE CASCADE ON DELETE CASCADE
    )
"""
CONFLICT_INDEXES = (
    'CREATE INDEX "OccupancyConflict_conflictsWithId_idx" ON "OccupancyConflict" ("conflictsWithId")',
    'CREATE INDEX "OccupancyConflict_tenantId_idx" ON "OccupancyConflict" ("tenantId")',
)

# A pending booking of Cal.com waits for the host's word and holds the time only where its event type
# says so; a pending one of ours is a hold.
HOLDS = """
    {row}."userId" IS NOT NULL AND {row}."workshopSessionNumber" IS NULL
    AND {row}."endTime" > {row}."startTime"
    AND ({row}.status = 'accepted' OR {row}.status = 'pending' AND (
        {row}."manageToken" IS NOT NULL
        OR EXISTS (SELECT FROM "EventType" WHERE id = {row}."eventTypeId"
                   AND "requiresConfirmationWillBlockSlot")))
"""
PLACE = """
    INSERT INTO "TeacherOccupancy" ("tenantId", "teacherId", "bookingId",
        "startTime", "endTime", "busyFrom", "busyUntil")
    SELECT {row}."tenantId", {row}."userId", {row}.id,
        {row}."startTime", {row}."endTime", {row}."startTime", {row}."endTime"
"""
MATTERS = ('"userId"', '"startTime"', '"endTime"', "status", '"workshopSessionNumber"')

# The functions are SECURITY DEFINER because Cal.com's role has no business in the occupancy. An update
# that changes nothing here leaves a booking that stays out where it is.
FUNCTION = f"""
    CREATE OR REPLACE FUNCTION keep_occupancy() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        holds boolean := {HOLDS.format(row="NEW")};
    BEGIN
        IF NEW."fromReschedule" IS NOT NULL THEN
            DELETE FROM "TeacherOccupancy" o USING "Booking" b
            WHERE b.uid = NEW."fromReschedule" AND b."tenantId" = NEW."tenantId"
              AND o."bookingId" = b.id AND b.id <> NEW.id;
        END IF;
        IF TG_OP = 'UPDATE' THEN
            IF ({", ".join(f"NEW.{column}" for column in MATTERS)})
               IS NOT DISTINCT FROM ({", ".join(f"OLD.{column}" for column in MATTERS)}) THEN
                RETURN NULL;
            END IF;
            DELETE FROM "OccupancyConflict" WHERE "bookingId" = NEW.id;
            DELETE FROM "TeacherOccupancy" WHERE "bookingId" = NEW.id
              AND (NOT holds OR "teacherId" <> NEW."userId"
                   OR "startTime" <> NEW."startTime" OR "endTime" <> NEW."endTime");
        END IF;
        IF holds THEN
            {PLACE.format(row="NEW")}
            ON CONFLICT ("bookingId") DO NOTHING;
        END IF;
        RETURN NULL;
    END $$
"""
TRIGGER = f"""
    CREATE OR REPLACE TRIGGER keep_occupancy
    AFTER INSERT OR UPDATE OF {", ".join(MATTERS)} ON "Booking"
    FOR EACH ROW EXECUTE FUNCTION keep_occupancy()
"""

# When the one that was in the way goes, those that stayed out take what they can of its place, the
# oldest first; who still cannot waits for the one that is in the way now. Nobody takes a place of a
# teacher or in a school that is just being deleted.
SETTLE = f"""
    CREATE OR REPLACE FUNCTION settle_conflicts() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        waiting "Booking";
    BEGIN
        FOR waiting IN SELECT b.* FROM "OccupancyConflict" c JOIN "Booking" b ON b.id = c."bookingId"
                       JOIN users u ON u.id = b."userId" JOIN "Tenant" t ON t.id = b."tenantId"
                       WHERE c."conflictsWithId" = OLD."bookingId" AND b.id <> OLD."bookingId"
                       ORDER BY b.id LOOP
            DELETE FROM "OccupancyConflict"
            WHERE "bookingId" = waiting.id AND "conflictsWithId" = OLD."bookingId";
            {PLACE.format(row="waiting")} ON CONFLICT DO NOTHING;
            IF NOT FOUND THEN
                INSERT INTO "OccupancyConflict" ("tenantId", "bookingId", "conflictsWithId")
                SELECT o."tenantId", waiting.id, o."bookingId" FROM "TeacherOccupancy" o
                WHERE o."teacherId" = waiting."userId" AND o."bookingId" <> waiting.id
                  AND o."busyFrom" < waiting."endTime" AND o."busyUntil" > waiting."startTime"
                ON CONFLICT DO NOTHING;
            END IF;
        END LOOP;
        RETURN NULL;
    END $$
"""
SETTLE_TRIGGER = """
    CREATE OR REPLACE TRIGGER settle_conflicts AFTER DELETE ON "TeacherOccupancy"
    FOR EACH ROW EXECUTE FUNCTION settle_conflicts()
"""

# Before the references to a booking go with it, and with them the knowledge of who waits for its place.
FREE = """
    CREATE OR REPLACE FUNCTION free_place() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        DELETE FROM "TeacherOccupancy" WHERE "bookingId" = OLD.id;
        RETURN OLD;
    END $$
"""
FREE_TRIGGER = """
    CREATE OR REPLACE TRIGGER free_place BEFORE DELETE ON "Booking"
    FOR EACH ROW EXECUTE FUNCTION free_place()
"""

# The bookings still to come take their places, the oldest first. They are locked against changes
# meanwhile: one that was cancelled in between must not get a place.
TAKE_PLACES = f"""
    CREATE TEMPORARY TABLE coming ON COMMIT DROP AS
    SELECT b.id, b."tenantId", b."userId", b."startTime", b."endTime" FROM "Booking" b
    WHERE b.id > {{after}} AND b.id <= {{last}} AND b."endTime" > now() AT TIME ZONE 'UTC'
      AND {HOLDS.format(row="b")}
    ORDER BY b.id FOR SHARE OF b;
    {PLACE.format(row="coming")} FROM coming ORDER BY id ON CONFLICT DO NOTHING;
    INSERT INTO "OccupancyConflict" ("tenantId", "bookingId", "conflictsWithId")
    SELECT coming."tenantId", coming.id, o."bookingId"
    FROM coming JOIN "TeacherOccupancy" o
      ON o."teacherId" = coming."userId" AND o."bookingId" <> coming.id
     AND tsrange(o."busyFrom", o."busyUntil") && tsrange(coming."startTime", coming."endTime")
    WHERE NOT EXISTS (SELECT FROM "TeacherOccupancy" placed WHERE placed."bookingId" = coming.id)
    ON CONFLICT DO NOTHING
"""
BOOKINGS_AT_ONCE = 5_000


def upgrade() -> None:
    step("CREATE EXTENSION IF NOT EXISTS btree_gist")
    if not table_exists("TeacherOccupancy"):
        step(OCCUPANCY, *INDEXES)
    if not table_exists("OccupancyConflict"):
        step(CONFLICTS, *CONFLICT_INDEXES)
    step(
        FUNCTION,
        SETTLE,
        FREE,
        "REVOKE ALL ON FUNCTION keep_occupancy(), settle_conflicts(), free_place() FROM PUBLIC",
        TRIGGER,
        SETTLE_TRIGGER,
        FREE_TRIGGER,
    )
    for after, last in batches("Booking", BOOKINGS_AT_ONCE):
        step(*TAKE_PLACES.format(after=after, last=last).split(";"))


def downgrade() -> None:
    for function in ("keep_occupancy", "free_place"):
        step(
            f'DROP TRIGGER IF EXISTS {function} ON "Booking"',
            f"DROP FUNCTION IF EXISTS {function}()",
        )
    for table in ("OccupancyConflict", "TeacherOccupancy"):
        step(f"DROP TABLE IF EXISTS {quoted(table)}")
    step("DROP FUNCTION IF EXISTS settle_conflicts()")
