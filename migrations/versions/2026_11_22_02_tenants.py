"""Schools: the tenant table, the tenant `default`, and a tenant on every Cal.com row.

Nothing is rewritten, not one row: the column comes with a default that Postgres keeps in its catalogue
for the rows that are there, so no trigger of Cal.com's fires and no table grows. The default is gone
again in the same transaction, in which a trigger begins to fill what Cal.com goes on inserting.
"""

from alembic import op

from migrations.ddl import add_constraint, create_index, drop_index, quoted, step, table_exists
from migrations.tenancy import COPIES, PARENTS, ROLE_OF_ACCOUNT, fill_function, fill_trigger

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

# Who was there before has an account of Cal.com's, and works for the school.
ROLE_OF_OLD_ACCOUNTS = (
    "ALTER TABLE users ADD COLUMN IF NOT EXISTS \"tenantRole\" text NOT NULL DEFAULT 'TEACHER'",
    "ALTER TABLE users ALTER COLUMN \"tenantRole\" SET DEFAULT 'STUDENT'",
)
ADMINISTRATORS = """
    UPDATE users SET "tenantRole" = 'TENANT_ADMIN' WHERE role = 'ADMIN' AND "tenantRole" = 'TEACHER'
"""


def upgrade() -> None:
    step(TENANT, *TENANT_INDEXES, DEFAULT_TENANT)
    for table in _tables():
        _give_tenant(table)
    step(ADMINISTRATORS)
    for table in PARENTS:
        _require_tenant(table)


def downgrade() -> None:
    for table in reversed(_tables()):
        drop_index(f"{table}_id_tenantId_key")
        drop_index(f"{table}_tenantId_idx")
        role = ', DROP COLUMN IF EXISTS "tenantRole"' if table == "users" else ""
        step(
            f"DROP TRIGGER IF EXISTS fill_tenant ON {quoted(table)}",
            f"DROP FUNCTION IF EXISTS {quoted('fill_tenant_of_' + table)}()",
            f'ALTER TABLE {quoted(table)} DROP COLUMN IF EXISTS "tenantId"{role}',
        )
    step('DROP TABLE IF EXISTS "Tenant"')


def _tables() -> list[str]:
    return [*PARENTS, *(table for table in COPIES if table_exists(table))]


def _give_tenant(table: str) -> None:
    """Everything that was there belongs to `default`, as the only school there was."""
    default = op.get_bind().exec_driver_sql("SELECT id FROM \"Tenant\" WHERE subdomain = 'default'").scalar()
    is_account = table == "users"
    step(
        f'ALTER TABLE {quoted(table)} ADD COLUMN IF NOT EXISTS "tenantId" integer NOT NULL DEFAULT {default}',
        f'ALTER TABLE {quoted(table)} ALTER COLUMN "tenantId" DROP DEFAULT',
        *(ROLE_OF_OLD_ACCOUNTS if is_account else ()),
        *fill_function(table, ROLE_OF_ACCOUNT if is_account else ""),
        fill_trigger(table),
    )


def _require_tenant(table: str) -> None:
    add_constraint(table, f"{table.lower()}_tenant_required", 'CHECK ("tenantId" IS NOT NULL)')
    add_constraint(
        table,
        f"{table}_tenantId_fkey",
        'FOREIGN KEY ("tenantId") REFERENCES "Tenant"(id) ON UPDATE CASCADE ON DELETE CASCADE',
    )
    create_index(f"{table}_tenantId_idx", table, '"tenantId"')
    if table != "Host":
        create_index(f"{table}_id_tenantId_key", table, 'id, "tenantId"', unique=True)
