"""Schools: the tenant table, the tenant `default`, and a tenant on every Cal.com row.

Each step can be repeated and none rewrites a table: columns are added without a default that scans,
triggers fill the tenant of what Cal.com goes on inserting, and only then are the old rows assigned,
in batches.
"""

from alembic import op

from migrations.ddl import (
    add_checked,
    create_index,
    drop_constraint,
    drop_index,
    outside_transaction,
    quoted,
    validate,
)

revision = "20261122_02"
down_revision = "20261122_01"
branch_labels = None
depends_on = None

TENANT = """
    CREATE TABLE IF NOT EXISTS "Tenant" (
        id serial,
        name text NOT NULL,
        subdomain text NOT NULL,
        "customDomain" text,
        "stripePublishableKey" text,
        "stripeSecretKeyEncrypted" text,
        "stripeWebhookSecret" text,
        "stripeAccountId" text,
        "immersioApiKey" text,
        "immersioApiUrl" text,
        "immersioApiSecret" text,
        "subscriptionPlan" text NOT NULL DEFAULT 'LITE',
        "subscriptionStatus" text NOT NULL DEFAULT 'ACTIVE',
        "subscriptionStartDate" timestamp(3),
        "subscriptionEndDate" timestamp(3),
        "maxTeachers" integer NOT NULL DEFAULT 1,
        "maxBookingsPerMonth" integer,
        "maxEventTypes" integer,
        features jsonb,
        settings jsonb,
        "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
        "updatedAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
        CONSTRAINT "Tenant_pkey" PRIMARY KEY (id),
        CONSTRAINT tenant_plan_known CHECK (
            "subscriptionPlan" IN ('LITE', 'STARTER', 'GROWTH', 'PRO', 'ENTERPRISE')),
        CONSTRAINT tenant_status_known CHECK (
            "subscriptionStatus" IN ('ACTIVE', 'SUSPENDED', 'CANCELLED')),
        CONSTRAINT tenant_subdomain_is_a_label CHECK (
            subdomain ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
        CONSTRAINT tenant_custom_domain_is_lower CHECK ("customDomain" = lower("customDomain")),
        CONSTRAINT tenant_limits_not_negative CHECK (
            "maxTeachers" >= 0 AND "maxBookingsPerMonth" >= 0 AND "maxEventTypes" >= 0)
    )
"""

TENANT_INDEXES = (
    'CREATE UNIQUE INDEX IF NOT EXISTS "Tenant_subdomain_key" ON "Tenant" (subdomain)',
    'CREATE UNIQUE INDEX IF NOT EXISTS "Tenant_customDomain_key" ON "Tenant" ("customDomain")',
    'CREATE INDEX IF NOT EXISTS "Tenant_subdomain_idx" ON "Tenant" (subdomain)',
    'CREATE INDEX IF NOT EXISTS "Tenant_customDomain_idx" ON "Tenant" ("customDomain")',
    'CREATE INDEX IF NOT EXISTS "Tenant_subscriptionStatus_idx" ON "Tenant" ("subscriptionStatus")',
)

DEFAULT_TENANT = """
    INSERT INTO "Tenant" (name, subdomain, "subscriptionPlan", "maxTeachers", "maxBookingsPerMonth",
                          "maxEventTypes", "subscriptionStartDate")
    VALUES ('Default Tenant', 'default', 'PRO', 50, 5000, 200, now() AT TIME ZONE 'UTC')
    ON CONFLICT (subdomain) DO NOTHING
"""

# Each Cal.com table, and the parents that know its tenant, the nearest first.
PARENTS = {
    "users": (),
    "Schedule": (("userId", "users"),),
    "EventType": (("userId", "users"),),
    "Availability": (("scheduleId", "Schedule"), ("userId", "users"), ("eventTypeId", "EventType")),
    "Host": (("eventTypeId", "EventType"),),
    "OutOfOfficeEntry": (("userId", "users"),),
    "Booking": (("eventTypeId", "EventType"), ("userId", "users")),
    "Attendee": (("bookingId", "Booking"),),
    "Payment": (("bookingId", "Booking"),),
}

BATCH = 10_000


def upgrade() -> None:
    op.execute(TENANT)
    for statement in TENANT_INDEXES:
        op.execute(statement)
    op.execute(DEFAULT_TENANT)
    for table, parents in PARENTS.items():
        op.execute(f'ALTER TABLE {quoted(table)} ADD COLUMN IF NOT EXISTS "tenantId" integer')
        _fill_on_insert(table, parents)
    op.execute("ALTER TABLE users ADD COLUMN IF NOT EXISTS \"tenantRole\" text NOT NULL DEFAULT 'STUDENT'")
    for table in PARENTS:
        _assign_old_rows(table)
        _require_tenant(table)


def downgrade() -> None:
    for table in reversed(PARENTS):
        drop_index(f"{table}_id_tenantId_key")
        drop_index(f"{table}_tenantId_idx")
        op.execute(f"DROP TRIGGER IF EXISTS fill_tenant ON {quoted(table)}")
        op.execute(f"DROP FUNCTION IF EXISTS {quoted('fill_tenant_of_' + table)}()")
        op.execute(f'ALTER TABLE {quoted(table)} DROP COLUMN IF EXISTS "tenantId"')
    op.execute('ALTER TABLE users DROP COLUMN IF EXISTS "tenantRole"')
    op.execute('DROP TABLE "Tenant"')


def _fill_on_insert(table: str, parents: tuple[tuple[str, str], ...]) -> None:
    """Cal.com inserts without a tenant: the row gets its parent's, else the default one.

    SECURITY DEFINER because Cal.com's own role need not be allowed to read the tenants. Whoever has an
    account at Cal.com works for a school, so such a user is a teacher.
    """
    lookups = "".join(
        f'(SELECT "tenantId" FROM {quoted(parent)} WHERE id = NEW.{quoted(column)}), '
        for column, parent in parents
    )
    role = """NEW."tenantRole" := 'TEACHER';""" if table == "users" else ""
    function = quoted("fill_tenant_of_" + table)
    op.execute(f"""
        CREATE OR REPLACE FUNCTION {function}() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        BEGIN
            NEW."tenantId" := COALESCE(
                {lookups}(SELECT id FROM "Tenant" WHERE subdomain = 'default'));
            {role}
            RETURN NEW;
        END $$
    """)
    op.execute(f"REVOKE ALL ON FUNCTION {function}() FROM PUBLIC")
    op.execute(f"""
        CREATE OR REPLACE TRIGGER fill_tenant BEFORE INSERT ON {quoted(table)}
        FOR EACH ROW WHEN (NEW."tenantId" IS NULL) EXECUTE FUNCTION {function}()
    """)


def _assign_old_rows(table: str) -> None:
    """Everything that was there belongs to `default`, as the only school there was; in short batches."""
    role = """, "tenantRole" = 'TEACHER'""" if table == "users" else ""
    statement = f"""
        UPDATE {quoted(table)} SET "tenantId" = (SELECT id FROM "Tenant" WHERE subdomain = 'default'){role}
        WHERE ctid = ANY (ARRAY(SELECT ctid FROM {quoted(table)} WHERE "tenantId" IS NULL LIMIT {BATCH}))
    """
    with outside_transaction():
        while op.get_bind().exec_driver_sql(statement).rowcount:
            pass


def _require_tenant(table: str) -> None:
    """NOT NULL by way of a checked constraint, so that the table is never locked while it is read."""
    name = f"{table.lower()}_tenant_required"
    foreign_key = f"{table}_tenantId_fkey"
    drop_constraint(table, name)
    drop_constraint(table, foreign_key)
    add_checked(table, name, 'CHECK ("tenantId" IS NOT NULL)')
    add_checked(
        table,
        foreign_key,
        'FOREIGN KEY ("tenantId") REFERENCES "Tenant"(id) ON UPDATE CASCADE ON DELETE CASCADE',
    )
    validate(table, name)
    validate(table, foreign_key)
    op.execute(f'ALTER TABLE {quoted(table)} ALTER COLUMN "tenantId" SET NOT NULL')
    create_index(f"{table}_tenantId_idx", table, '"tenantId"')
    if table != "Host":
        create_index(f"{table}_id_tenantId_key", table, 'id, "tenantId"', unique=True)
