"""Who may do what: the app role sees one school at a time, the platform's role sees all.

The app role is neither owner nor superuser, so row-level security binds it; the tenant is set for one
transaction. The platform's role, and the one that reads backups, pass by policies of their own, not by
an OR in everybody's. Cal.com, which owns its tables, is not bound.
"""

from migrations.ddl import quoted, step, table_exists
from migrations.isolation import ROLES, isolate, of_sequences, policies_of
from migrations.roles import create_role
from migrations.tenancy import COPIES

revision = "20261122_08"
down_revision = "20261122_07"
branch_labels = None
depends_on = None

TENANT_TABLES = (
    "users", "Schedule", "EventType", "Availability", "Host", "OutOfOfficeEntry", "Booking", "Attendee",
    "Payment", "TenantLandingSettings", "TeacherCourseAssignment", "WhitelistEntry", "ImmersioSyncLog",
    "TenantUsage", "TeacherOccupancy", "OccupancyConflict", "WorkshopSession", "OutboxMessage",
    "IdempotencyKey", "WhitelistImport", "WhitelistRejection", "WebhookEndpoint", "WebhookEvent",
    "ImmersioSyncState",
)  # fmt: skip

# The questions that are asked before the tenant is known, or about the platform's own school. They tell
# an id, never a row.
LOOKUPS = (
    """
    CREATE OR REPLACE FUNCTION tenant_id_of_host(label text, domain text) RETURNS integer
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT id FROM "Tenant" WHERE subdomain = label
        UNION ALL
        SELECT id FROM "Tenant" WHERE "customDomain" = domain
        LIMIT 1
    $$
    """,
    """
    CREATE OR REPLACE FUNCTION tenant_id_of_endpoint(endpoint text, vendor text) RETURNS integer
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT "tenantId" FROM "WebhookEndpoint" WHERE id = endpoint AND provider = vendor
    $$
    """,
    """
    CREATE OR REPLACE FUNCTION tenant_id_of_import(import uuid) RETURNS integer
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT "tenantId" FROM "WhitelistImport" WHERE id = import
    $$
    """,
    # Super admins live in the platform's own school: nobody becomes one by a row of another.
    """
    CREATE OR REPLACE FUNCTION super_admin_id(address text) RETURNS integer
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT u.id FROM users u JOIN "Tenant" t ON t.id = u."tenantId"
        WHERE lower(u.email) = lower(address) AND u."tenantRole" = 'SUPER_ADMIN' AND NOT u.locked
          AND t.subdomain = 'default'
    $$
    """,
)
LOOKUP_NAMES = (
    "tenant_id_of_host(text, text)",
    "tenant_id_of_endpoint(text, text)",
    "tenant_id_of_import(uuid)",
    "super_admin_id(text)",
)


def upgrade() -> None:
    for role in ROLES:
        create_role(role)
    for statement, lookup in zip(LOOKUPS, LOOKUP_NAMES, strict=True):
        step(
            statement,
            f"REVOKE ALL ON FUNCTION {lookup} FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION {lookup} TO booking_app, booking_ops",
        )
    isolate("Tenant", "id")
    step('REVOKE INSERT, DELETE ON "Tenant" FROM booking_app')
    for table in _tables():
        isolate(table)
    step(f'GRANT SELECT ON "LandingTemplate" TO {", ".join(ROLES)}')
    step("GRANT SELECT ON alembic_version TO booking_backup")


def downgrade() -> None:
    """The roles stay: they belong to the server, and other databases on it may use them."""
    for table in ("Tenant", *_tables()):
        name = quoted(table)
        step(
            *(f"DROP POLICY IF EXISTS {policy} ON {name}" for policy in policies_of(table)),
            f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY",
            f"REVOKE ALL ON {name} FROM {', '.join(ROLES)}",
            of_sequences(table, f"REVOKE ALL ON SEQUENCE %s FROM {', '.join(ROLES)}"),
        )
    for lookup in LOOKUP_NAMES:
        step(f"DROP FUNCTION IF EXISTS {lookup}")
    step(f'REVOKE ALL ON "LandingTemplate", alembic_version FROM {", ".join(ROLES)}')


def _tables() -> tuple[str, ...]:
    """Cal.com's triggers write the copies as whoever writes the booking, so the roles may do the same."""
    return (*TENANT_TABLES, *(table for table in COPIES if table_exists(table)))
