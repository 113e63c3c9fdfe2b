"""Alembic's entry: one connection, one transaction a revision, and no lock that is waited for long."""

from alembic import context
from sqlalchemy import Connection, text

from shared.models import Base

# A migration queues behind a long transaction and everybody else queues behind the migration, so it
# gives up soon and is run again rather than stopping a school's bookings.
LOCK_TIMEOUT = "5s"


def run_on(connection: Connection) -> None:
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
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


run_on(context.config.attributes["connection"])
