"""Backups of one school and their restores: who asked for which, and the role that writes one back.

That role is bound by the schools' own policies like the app's: a restore reaches one school. Triggers that
keep places and seats leave its writes alone, because a backup holds what they made, down to the bookings of
before an adoption that have no place.
"""

from alembic import op

from migrations.ddl import quoted, step, table_exists
from migrations.isolation import RESTORER, isolate, let_restore, of_sequences
from migrations.roles import create_role

revision = "20261122_18"
down_revision = "20261122_17"
branch_labels = None
depends_on = None

OF_TENANT = """CONSTRAINT "{table}_tenantId_fkey" FOREIGN KEY ("tenantId")
            REFERENCES "Tenant"(id) ON UPDATE CASCADE ON DELETE CASCADE"""

TABLES = {
    "TenantBackup": f"""
        CREATE TABLE "TenantBackup" (
            id uuid,
            "tenantId" integer NOT NULL,
            cause text NOT NULL,
            status text NOT NULL DEFAULT 'PENDING',
            "rowsWritten" bigint,
            bytes bigint,
            "objectKey" text,
            "objectVersion" text,
            revision text,
            "failureCode" text,
            "requestedBy" integer,
            "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            "startedAt" timestamp(3),
            "finishedAt" timestamp(3),
            CONSTRAINT "TenantBackup_pkey" PRIMARY KEY (id),
            CONSTRAINT tenant_backup_cause_known CHECK (cause IN ('DAILY', 'STAFF')),
            CONSTRAINT tenant_backup_status_known CHECK (
                status IN ('PENDING', 'RUNNING', 'COMPLETED', 'FAILED')),
            CONSTRAINT tenant_backup_is_somewhere CHECK (status <> 'COMPLETED' OR "objectKey" IS NOT NULL),
            {OF_TENANT.format(table="TenantBackup")}
        )
    """,
    # Of the school that was backed up, also when another one is made of it.
    "TenantRestore": f"""
        CREATE TABLE "TenantRestore" (
            id uuid,
            "tenantId" integer NOT NULL,
            "backupId" uuid NOT NULL,
            mode text NOT NULL,
            name text,
            subdomain text,
            status text NOT NULL DEFAULT 'PENDING',
            "statusBefore" text,
            "newTenantId" integer,
            "rowsWritten" bigint,
            "failureCode" text,
            "requestedBy" integer,
            "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            "startedAt" timestamp(3),
            "finishedAt" timestamp(3),
            CONSTRAINT "TenantRestore_pkey" PRIMARY KEY (id),
            CONSTRAINT tenant_restore_mode_known CHECK (mode IN ('NEW_TENANT', 'IN_PLACE')),
            CONSTRAINT tenant_restore_is_named CHECK (
                (mode = 'NEW_TENANT') = (name IS NOT NULL AND subdomain IS NOT NULL)),
            CONSTRAINT tenant_restore_status_known CHECK (
                status IN ('PENDING', 'RUNNING', 'COMPLETED', 'FAILED')),
            {OF_TENANT.format(table="TenantRestore")},
            CONSTRAINT "TenantRestore_backupId_fkey" FOREIGN KEY ("backupId", "tenantId")
                REFERENCES "TenantBackup"(id, "tenantId") ON UPDATE CASCADE ON DELETE CASCADE
        )
    """,
}
INDEXES = (
    'CREATE UNIQUE INDEX "TenantBackup_id_tenantId_key" ON "TenantBackup" (id, "tenantId")',
    'CREATE INDEX "TenantBackup_tenantId_createdAt_idx" ON "TenantBackup" ("tenantId", "createdAt", id)',
    """CREATE INDEX "TenantBackup_open_idx" ON "TenantBackup" ("createdAt")
       WHERE status IN ('PENDING', 'RUNNING')""",
    'CREATE INDEX "TenantRestore_tenantId_createdAt_idx" ON "TenantRestore" ("tenantId", "createdAt", id)',
    'CREATE INDEX "TenantRestore_backupId_idx" ON "TenantRestore" ("backupId")',
    """CREATE INDEX "TenantRestore_open_idx" ON "TenantRestore" ("createdAt")
       WHERE status IN ('PENDING', 'RUNNING')""",
)

OF_THE_SCHOOLS = """
    SELECT c.relname::text FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
      AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenantId'
                  AND NOT a.attisdropped)
    ORDER BY 1
"""

# What they make of a row is in the backup as well.
KEEPERS = (
    "keep_occupancy", "settle_conflicts", "keep_seats_of_new", "keep_seats_of_changed",
    "keep_seats_of_deleted", "keep_session_occupancy", "warn_of_usage",
)  # fmt: skip
UNLESS = "CURRENT_USER <> ''booking_restore''"
# Their definitions as they are by now, with one more condition.
STAND_BACK = f"""
    DO $$ DECLARE definition text; BEGIN
        FOR definition IN SELECT pg_get_triggerdef(oid) FROM pg_trigger
                          WHERE NOT tgisinternal AND tgname IN ({", ".join(f"'{name}'" for name in KEEPERS)})
                            AND pg_get_triggerdef(oid) NOT LIKE '%booking_restore%' LOOP
            definition := replace(definition, 'CREATE TRIGGER', 'CREATE OR REPLACE TRIGGER');
            EXECUTE CASE WHEN definition ~ ' WHEN \\(.*\\) EXECUTE '
                THEN regexp_replace(definition, ' WHEN \\((.*)\\) EXECUTE ',
                                    ' WHEN (({UNLESS}) AND (\\1)) EXECUTE ')
                ELSE replace(definition, ' EXECUTE ', ' WHEN ({UNLESS}) EXECUTE ') END;
        END LOOP;
    END $$
"""
STEP_IN = f"""
    DO $$ DECLARE definition text; BEGIN
        FOR definition IN SELECT pg_get_triggerdef(oid) FROM pg_trigger
                          WHERE NOT tgisinternal AND tgname IN ({", ".join(f"'{name}'" for name in KEEPERS)})
                            AND pg_get_triggerdef(oid) LIKE '%booking_restore%' LOOP
            definition := replace(definition, 'CREATE TRIGGER', 'CREATE OR REPLACE TRIGGER');
            EXECUTE regexp_replace(regexp_replace(definition,
                ' WHEN \\(\\(\\(CURRENT_USER <> ''booking_restore''::name\\) AND (.*)\\)\\) EXECUTE ',
                ' WHEN (\\1) EXECUTE '),
                ' WHEN \\(\\(CURRENT_USER <> ''booking_restore''::name\\)\\) EXECUTE ', ' EXECUTE ');
        END LOOP;
    END $$
"""

# Cal.com's other tables are in no backup: what in them belongs to the school would go with its rows. Asked
# as the owner, because nobody of ours may read them; it tells the name of a table, never a row.
OUTSIDE = """
    CREATE OR REPLACE FUNCTION table_that_refers_from_outside() RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        of_tenant int := NULLIF(current_setting('app.current_tenant_id', true), '')::int;
        reference record;
        found boolean;
    BEGIN
        FOR reference IN
            SELECT k.conrelid::regclass AS child, k.confrelid::regclass AS parent, string_agg(
                format('c.%I = p.%I', c.attname, p.attname), ' AND ') AS matches
            FROM pg_constraint k
            CROSS JOIN LATERAL unnest(k.conkey, k.confkey) AS pair (child, parent)
            JOIN pg_attribute c ON c.attrelid = k.conrelid AND c.attnum = pair.child
            JOIN pg_attribute p ON p.attrelid = k.confrelid AND p.attnum = pair.parent
            WHERE k.contype = 'f' AND k.confrelid <> '"Tenant"'::regclass
              AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = k.confrelid AND attname = 'tenantId')
              AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = k.conrelid AND attname = 'tenantId')
            GROUP BY k.oid, k.conrelid, k.confrelid ORDER BY 1
        LOOP
            EXECUTE format('SELECT EXISTS (SELECT FROM %s c JOIN %s p ON %s WHERE p."tenantId" = $1)',
                           reference.child, reference.parent, reference.matches)
                INTO found USING of_tenant;
            IF found THEN
                RETURN reference.child::text;
            END IF;
        END LOOP;
        RETURN NULL;
    END $$
"""
OUTSIDE_NAME = "table_that_refers_from_outside()"


def upgrade() -> None:
    create_role(RESTORER)
    for table, statement in TABLES.items():
        if not table_exists(table):
            step(statement, *(index for index in INDEXES if f" ON {quoted(table)} " in index))
        isolate(table)
    for table in _schools_tables():
        let_restore(table)
    step(
        f'GRANT SELECT, INSERT, UPDATE ON "Tenant" TO {RESTORER}',
        f'REVOKE DELETE ON "Tenant" FROM {RESTORER}',
        of_sequences("Tenant", f"GRANT SELECT, USAGE, UPDATE ON SEQUENCE %s TO {RESTORER}"),
        # What was done stays done.
        f'REVOKE UPDATE, DELETE ON "AuditEvent" FROM {RESTORER}',
        f"GRANT SELECT ON alembic_version TO {RESTORER}",
        OUTSIDE,
        f"REVOKE ALL ON FUNCTION {OUTSIDE_NAME} FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION {OUTSIDE_NAME} TO {RESTORER}",
    )
    step(STAND_BACK)


def downgrade() -> None:
    step(STEP_IN)
    step(f"DROP FUNCTION IF EXISTS {OUTSIDE_NAME}")
    for table in reversed(TABLES):
        step(f"DROP TABLE IF EXISTS {quoted(table)}")
    for table in ("Tenant", *_schools_tables()):
        step(
            f"REVOKE ALL ON {quoted(table)} FROM {RESTORER}",
            of_sequences(table, f"REVOKE ALL ON SEQUENCE %s FROM {RESTORER}"),
        )
    step(f"REVOKE ALL ON alembic_version FROM {RESTORER}")


def _schools_tables() -> list[str]:
    return list(op.get_bind().exec_driver_sql(OF_THE_SCHOOLS).scalars())
