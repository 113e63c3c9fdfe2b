"""Who may do what: the app role sees one school at a time, the platform's role sees all.

The app role is neither owner nor superuser, so row-level security binds it; the tenant is set for one
transaction. The platform's role passes by a policy of its own, not by an OR in everybody's. Cal.com,
which owns its tables, is not bound.
"""

from alembic import op

from migrations.ddl import quoted, table_exists

revision = "20261122_08"
down_revision = "20261122_07"
branch_labels = None
depends_on = None

# Timeouts belong to the roles, not to a session: a proxy in front of the server may share sessions.
ROLES = {
    "booking_app": {
        "statement_timeout": "20s",
        "lock_timeout": "3s",
        "idle_in_transaction_session_timeout": "20s",
    },
    "booking_ops": {
        "statement_timeout": "300s",
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "60s",
    },
}

TENANT_TABLES = (
    "users", "Schedule", "EventType", "Availability", "Host", "OutOfOfficeEntry", "Booking", "Attendee",
    "Payment", "TenantLandingSettings", "TeacherCourseAssignment", "WhitelistEntry", "ImmersioSyncLog",
    "TenantUsage", "TeacherOccupancy", "OutboxMessage", "IdempotencyKey", "WhitelistImport",
    "WhitelistRejection", "WebhookEndpoint", "WebhookEvent", "ImmersioSyncState",
)  # fmt: skip

# Cal.com's own triggers write these as whoever writes the booking.
DENORMALIZED = ("BookingDenormalized", "RoutingFormResponseDenormalized", "App_RoutingForms_FormResponse")

# An unset setting is NULL and one that a commit has ended is '': both see nothing.
CURRENT_TENANT = "NULLIF(current_setting('app.current_tenant_id', true), '')::int"

# The questions that are asked before the tenant is known, or about the platform's own school. They tell
# an id, never a row.
LOOKUPS = (
    """
    CREATE FUNCTION tenant_id_of_host(label text, domain text) RETURNS integer
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT id FROM "Tenant" WHERE subdomain = label
        UNION ALL
        SELECT id FROM "Tenant" WHERE "customDomain" = domain
        LIMIT 1
    $$
    """,
    """
    CREATE FUNCTION tenant_id_of_endpoint(endpoint text, vendor text) RETURNS integer
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT "tenantId" FROM "WebhookEndpoint" WHERE id = endpoint AND provider = vendor
    $$
    """,
    """
    CREATE FUNCTION tenant_id_of_import(import uuid) RETURNS integer
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT "tenantId" FROM "WhitelistImport" WHERE id = import
    $$
    """,
    # Super admins live in the platform's own school: nobody becomes one by a row of another.
    """
    CREATE FUNCTION super_admin_id(address text) RETURNS integer
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
    for role, settings in ROLES.items():
        _create_role(role, settings)
    for statement in LOOKUPS:
        op.execute(statement)
    for lookup in LOOKUP_NAMES:
        op.execute(f"REVOKE ALL ON FUNCTION {lookup} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {lookup} TO booking_app, booking_ops")
    _isolate("Tenant", "id")
    op.execute('REVOKE INSERT, DELETE ON "Tenant" FROM booking_app')
    for table in TENANT_TABLES:
        _isolate(table, '"tenantId"')
    op.execute('GRANT SELECT ON "LandingTemplate" TO booking_app, booking_ops')
    for table in DENORMALIZED:
        if table_exists(table):
            op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {quoted(table)} TO booking_app, booking_ops")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO booking_app, booking_ops")


def downgrade() -> None:
    """The roles stay: they belong to the server, and other databases on it may use them."""
    for table in ("Tenant", *TENANT_TABLES):
        op.execute(f"DROP POLICY IF EXISTS tenant_isolation_{table.lower()} ON {quoted(table)}")
        op.execute(f"DROP POLICY IF EXISTS platform_access_{table.lower()} ON {quoted(table)}")
        op.execute(f"ALTER TABLE {quoted(table)} DISABLE ROW LEVEL SECURITY")
    for lookup in LOOKUP_NAMES:
        op.execute(f"DROP FUNCTION IF EXISTS {lookup}")
    for role in ROLES:
        op.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
        op.execute(f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role}")
        op.execute(f"REVOKE ALL ON SCHEMA public FROM {role}")


def _create_role(role: str, settings: dict[str, str]) -> None:
    op.execute(f"DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    for name, value in settings.items():
        op.execute(f"ALTER ROLE {role} SET {name} = '{value}'")
    op.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
    # On RDS this lets the role log in with an IAM token instead of a password.
    op.execute(f"""
        DO $$ BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_iam') THEN GRANT rds_iam TO {role}; END IF;
        END $$
    """)


def _isolate(table: str, column: str) -> None:
    name = quoted(table)
    op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    op.execute(f"""
        CREATE POLICY tenant_isolation_{table.lower()} ON {name} FOR ALL
        USING ({column} = {CURRENT_TENANT}) WITH CHECK ({column} = {CURRENT_TENANT})
    """)
    op.execute(f"""
        CREATE POLICY platform_access_{table.lower()} ON {name} FOR ALL TO booking_ops
        USING (true) WITH CHECK (true)
    """)
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO booking_app, booking_ops")
