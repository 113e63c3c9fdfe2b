"""Alembic's entry: one connection, one transaction a revision, and no lock that is waited for long."""

from alembic import context
from sqlalchemy import Connection, text

from shared.models import Base

# A migration queues behind a long transaction and everybody else queues behind the migration, so it
# gives up soon and is run again rather than stopping a school's bookings.
LOCK_TIMEOUT = "5s"


def run_on(connection: Connection) -> None:
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    # Two runs at once would both believe that nothing is done yet; the lock ends with the session.
    connection.execute(text("SELECT pg_advisory_lock(hashtext('booking service migrations'))"))
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
    connection.execute(text("SELECT pg_advisory_unlock(hashtext('booking service migrations'))"))
    connection.commit()


run_on(context.config.attributes["connection"])
