"""Usage and the platform: warnings before a month is full, why a school is suspended, keys of requests.

The warning is written by whatever counts, in its transaction, by a trigger on the counter: bookings, seats
and offers of seats need not know of it, and who races for the last place of the month is counted one after
the other there.
"""

from migrations.ddl import create_index, drop_index, step
from migrations.isolation import drop_functions, grant_functions

revision = "20261122_16"
down_revision = "20261122_15"
branch_labels = None
depends_on = None

# Once a month and threshold, to each admin; whoever leaps over both is told of the higher one. It comes after
# the row is written: of an upsert, what comes before would fire for the insert that did not happen too.
WARN = """
    CREATE OR REPLACE FUNCTION warn_of_usage() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        allowed int := (SELECT "maxBookingsPerMonth" FROM "Tenant" WHERE id = NEW."tenantId");
        reached int := CASE WHEN NEW."bookingsCount" >= allowed THEN 100
                            WHEN NEW."bookingsCount"::bigint * 100 >= allowed::bigint * 80 THEN 80
                            ELSE 0 END;
    BEGIN
        IF reached > NEW."warnedPercent" THEN
            UPDATE "TenantUsage" SET "warnedPercent" = reached
            WHERE id = NEW.id AND "tenantId" = NEW."tenantId";
            INSERT INTO "OutboxMessage" ("tenantId", topic, payload)
            SELECT NEW."tenantId", 'usage.warning', jsonb_build_object(
                'userId', u.id, 'year', NEW.year, 'month', NEW.month, 'percent', reached)
            FROM users u
            WHERE u."tenantId" = NEW."tenantId" AND u."tenantRole" = 'TENANT_ADMIN' AND NOT u.locked
            ORDER BY u.id;
        END IF;
        RETURN NULL;
    END $$
"""
FUNCTIONS = {"warn_of_usage()": WARN}
TRIGGER = """
    CREATE TRIGGER warn_of_usage AFTER INSERT OR UPDATE OF "bookingsCount" ON "TenantUsage" FOR EACH ROW
    WHEN (NEW."bookingsCount" > 0 AND NEW."warnedPercent" < 100) EXECUTE FUNCTION warn_of_usage()
"""
NO_TRIGGER = 'DROP TRIGGER IF EXISTS warn_of_usage ON "TenantUsage"'

# What is old enough to be forgotten is found by these. A message is put into its one when it is handled.
INDEXES = {
    "OutboxMessage_handledAt_idx": ("OutboxMessage", '"handledAt"', '"handledAt" IS NOT NULL'),
    "IdempotencyKey_createdAt_idx": ("IdempotencyKey", '"createdAt"', ""),
}


def upgrade() -> None:
    step(
        'ALTER TABLE "Tenant" ADD COLUMN IF NOT EXISTS "statusReason" text, '
        'ADD COLUMN IF NOT EXISTS "statusChangedAt" timestamp(3)',
    )
    step('ALTER TABLE "TenantUsage" ADD COLUMN IF NOT EXISTS "warnedPercent" integer NOT NULL DEFAULT 0')
    # A key is kept for other requests than bookings too.
    step('ALTER TABLE "IdempotencyKey" ALTER COLUMN "bookingId" DROP NOT NULL')
    grant_functions(FUNCTIONS)
    step(NO_TRIGGER, TRIGGER)
    for name, (table, columns, where) in INDEXES.items():
        create_index(name, table, columns, where=where)


def downgrade() -> None:
    for name in INDEXES:
        drop_index(name)
    step(NO_TRIGGER)
    drop_functions(FUNCTIONS)
    step(
        'DELETE FROM "IdempotencyKey" WHERE "bookingId" IS NULL',
        'ALTER TABLE "IdempotencyKey" ALTER COLUMN "bookingId" SET NOT NULL',
    )
    step('ALTER TABLE "TenantUsage" DROP COLUMN IF EXISTS "warnedPercent"')
    step(
        'ALTER TABLE "Tenant" DROP COLUMN IF EXISTS "statusReason", DROP COLUMN IF EXISTS "statusChangedAt"',
    )
