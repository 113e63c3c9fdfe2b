"""What a migration of this database will do: `python -m migrations.plan` with DATABASE_URL set.

It reads, in a transaction that cannot write, and changes nothing.
"""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from migrations import catalogue, facts
from migrations.ddl import quoted
from migrations.preflight import SHOWN, refusals, refuse_if
from migrations.rights import roles
from migrations.run import alembic_config, connect, told
from migrations.tenancy import COPIES

WHERE = """
    SELECT current_database() AS name, current_user AS role, current_setting('server_version') AS version
"""
ACCOUNTS = "SELECT count(*) FILTER (WHERE role = 'ADMIN') AS admins, count(*) AS accounts FROM users"


def plan(database_url: str) -> str:
    """The plan, as lines. Raises MigrationRefused with what stands in its way."""
    scripts = ScriptDirectory.from_config(alembic_config())
    with connect(database_url) as connection, connection.begin():
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        return "\n".join(_lines(connection, scripts))


def _lines(connection: Connection, scripts: ScriptDirectory) -> Iterator[str]:
    refuse_if(refusals(connection, scripts))
    there = catalogue.tables(connection)
    found = catalogue.revisions(connection, there)
    where = connection.execute(text(WHERE)).one()
    yield f"Database {where.name}, as the role {where.role}, Postgres {where.version}"
    yield f"Revision: {', '.join(found) or 'none'}; the newest is {', '.join(scripts.get_heads())}"
    if found == list(scripts.get_heads()):
        yield "Nothing to do."
        return
    yield from _of_tables(connection, there)
    if "users" in there:
        yield from _of_rows(connection, is_adopted="Tenant" in there)
    for name, role in roles(connection).items():
        yield f"Role {name}: {'is there' if role['is_there'] else 'will be made'}"
    yield "The role that migrates has the rights it needs. Nothing was changed."


def _of_tables(connection: Connection, there: Mapping[str, dict[str, Any]]) -> Iterator[str]:
    for table in (*facts.TABLES, *COPIES):
        if table in there:
            rows = there[table]["rows"]
            told = f"about {rows:,}" if rows is not None else f"{_counted(connection, table):,}"
            yield f"{table}: extended in place, {told} rows"
        elif table not in COPIES:
            yield f"{table}: will be made as Cal.com has it"
    made = [table for table in catalogue.OURS if table not in there]
    yield f"New tables: {', '.join(made)}"


def _counted(connection: Connection, table: str) -> int:
    """Of a table that Postgres has not looked at yet."""
    return int(connection.execute(text(f"SELECT count(*) FROM {quoted(table)}")).scalar() or 0)


def _of_rows(connection: Connection, *, is_adopted: bool) -> Iterator[str]:
    if not is_adopted:
        count = connection.execute(text(ACCOUNTS)).one()
        yield "Every row goes to the school `default`, on the plan PRO; no column of Cal.com's is written."
        yield f"Accounts: {count.accounts - count.admins} become teachers, {count.admins} administrators"
        yield "Addresses that differ only in case: none"
    overlaps = catalogue.rows(connection, catalogue.OVERLAPS, first=SHOWN)
    total = overlaps[0]["total"] if overlaps else 0
    yield f"Bookings to come that overlap an earlier one of their host: {total}"
    for row in overlaps:
        yield f"  {row['id']} ({row['uid']}) of user {row['host']}, {row['starts']} to {row['ends']} UTC"
    if total > len(overlaps):
        yield f"  and {total - len(overlaps)} more"
    if total:
        yield "  They stay as they are; one of two that overlap gets no place in the occupancy and is listed."


if __name__ == "__main__":
    sys.exit(told(plan))
