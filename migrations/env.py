"""Alembic's entry: one connection, and no lock that is waited for long."""

from alembic import context
from sqlalchemy import Connection, text

from migrations.ddl import LOCK_TIMEOUT
from migrations.errors import MigrationRefused
from shared.models import Base

LOCK = "hashtext('booking service migrations')"
# Whatever the role or the database has, a long validation may take its time.
SETTINGS = {
    "lock_timeout": LOCK_TIMEOUT,
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    # NOTICEs tell of what is already there.
    "client_min_messages": "warning",
}


def run_on(connection: Connection) -> None:
    for name, value in SETTINGS.items():
        connection.execute(text(f"SET {name} = '{value}'"))
    # Two runs at once would both believe that nothing is done yet; the lock ends with the session.
    if not connection.execute(text(f"SELECT pg_try_advisory_lock({LOCK})")).scalar():
        raise MigrationRefused("Another migration of this database is running.")
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transaction_per_migration=True,
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.execute(text(f"SELECT pg_advisory_unlock({LOCK})"))
    connection.commit()


run_on(context.config.attributes["connection"])
