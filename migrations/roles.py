"""The login roles: made here where the migrator may, else by bootstrap.sql beforehand."""

from migrations.ddl import ask, step

# Timeouts belong to the roles, not to a session: a proxy in front of the server may share sessions.
SETTINGS = {
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
    "booking_backup": {
        "default_transaction_read_only": "on",
        "statement_timeout": "1h",
        "lock_timeout": "60s",
        "idle_in_transaction_session_timeout": "10min",
    },
    "booking_restore": {
        "statement_timeout": "1h",
        "lock_timeout": "60s",
        "idle_in_transaction_session_timeout": "10min",
    },
}

ROLE_EXISTS = "SELECT true FROM pg_roles WHERE rolname = %s"
IS_SET = """
    SELECT true FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole
    WHERE s.setdatabase = 0 AND r.rolname = %s AND %s = ANY (s.setconfig)
"""
# On RDS this lets the role log in with an IAM token instead of a password.
LACKS_IAM = """
    SELECT NOT pg_has_role(%s, oid, 'MEMBER') FROM pg_roles WHERE rolname = 'rds_iam'
"""


def create_role(role: str) -> None:
    """Make the role and its settings; what is there already is not touched, and needs no right."""
    if not ask(ROLE_EXISTS, role):
        step(f"CREATE ROLE {role} LOGIN")
    for name, value in SETTINGS[role].items():
        if not ask(IS_SET, role, f"{name}={value}"):
            step(f"ALTER ROLE {role} SET {name} = '{value}'")
    if ask(LACKS_IAM, role):
        step(f"GRANT rds_iam TO {role}")
    if not ask("SELECT has_schema_privilege(%s, 'public', 'USAGE')", role):
        step(f"GRANT USAGE ON SCHEMA public TO {role}")
