"""Points the rows of one school at the parents of another."""

from collections.abc import Iterator

from pg8000.dbapi import DatabaseError
from sqlalchemy import Connection, text

from tests.isolation.attempts import told_to, undone
from tests.isolation.catalogue import APP, TENANT_TABLES, columns_of, quoted, tenant_column
from tests.isolation.fill_school import SECRET

FOREIGN_KEY_VIOLATION = "23503"


def parents_of(connection: Connection, table: str) -> dict[str, str]:
    """By column, the table whose rows it names; the school itself is no row of a school."""
    named = {column.name: column.parent for column in columns_of(connection, table)}
    return {name: parent for name, parent in named.items() if parent in TENANT_TABLES and parent != "Tenant"}


def crossings(
    connection: Connection, table: str, parents: dict[str, str], school: int, other: int
) -> Iterator[str]:
    """The columns of `table` that the app role can point at a row of `other`; `connection` is a sandbox."""
    for column, parent in parents.items():
        with undone(connection):
            # The other's own row must not be what is in the way.
            if parent != table:
                connection.exec_driver_sql(
                    f"DELETE FROM {quoted(table)} WHERE {tenant_column(table)} = {other}"
                )
            outcome = _pointed(connection, table, column, school, _an_id(connection, parent, other))
        if outcome != "refused":
            yield f"{table}.{column}: {outcome}"


def _pointed(connection: Connection, table: str, column: str, school: int, wanted: str) -> str:
    """`refused`, `taken`, or what is told instead. Of rows that name one parent or another, one of this."""
    name = quoted(table)
    statement = f"""
        UPDATE {name} SET {quoted(column)} = '{wanted}'
        WHERE ctid = (SELECT ctid FROM {name} ORDER BY {quoted(column)} IS NULL LIMIT 1)
    """
    try:
        told_to(connection, APP, str(school), statement)
    except DatabaseError as error:
        told = error.args[0]
        # A trigger's own row may be refused for the same reason: this one has to be by itself.
        refused = told["C"] == FOREIGN_KEY_VIOLATION and told["t"] == table and SECRET not in str(told)
        return "refused" if refused else str(told)
    return "taken"


def _an_id(connection: Connection, table: str, school: int) -> str:
    found = text(f"SELECT id::text FROM {quoted(table)} WHERE {tenant_column(table)} = :school LIMIT 1")
    return str(connection.execute(found, {"school": school}).scalar_one())
