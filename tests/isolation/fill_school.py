"""A row of a school in every table, made from what the catalogue says: a new table joins by itself."""

import json
from collections.abc import Callable
from graphlib import TopologicalSorter
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from sqlalchemy import Connection, text

from tests.isolation.catalogue import TENANT_TABLES, Column, columns_of, quoted, tenant_column

# Stands in every text and document, and nowhere else.
SECRET = "secret-of"

TEXTS: dict[str, Callable[[str, str], Any]] = {
    "email": lambda mark, _: f"{mark}@example.test",
}
VALUES: dict[str, Callable[[str, str], Any]] = {
    "text": lambda mark, _: mark,
    "uuid": lambda mark, _: str(uuid5(NAMESPACE_DNS, mark)),
    "jsonb": lambda mark, _: {"mark": mark},
    "integer": lambda _, __: 1,
    "bigint": lambda _, __: 1,
    "numeric": lambda _, __: 1,
    "boolean": lambda _, __: True,
    "date": lambda _, __: "2030-01-07",
    "time without time zone": lambda _, column: f"{_hour(column)}:00",
    "timestamp without time zone": lambda mark, column: f"2030-01-{_day(mark):02}T{_hour(column)}:00:00",
    "integer[]": lambda _, __: [1],
    "text[]": lambda mark, _: [mark],
}
# Beyond what must be there: what would tell whose it is, should it ever be shown.
TELLING = {"text", "jsonb", "text[]"}


def fill_school(connection: Connection, subdomain: str) -> int:
    """Give the school, which is made when it is not there, a row in each table that has none of it.

    Returns its id. References stay within the school.
    """
    columns = {table: columns_of(connection, table) for table in TENANT_TABLES}
    parents = {
        table: {c.parent for c in of_table if c.parent and c.parent != table} & set(columns)
        for table, of_table in columns.items()
    }
    ids: dict[str, Any] = {"Tenant": _tenant(connection, subdomain)}
    for table in TopologicalSorter(parents).static_order():
        if not _has_rows(connection, table, ids["Tenant"]):
            _insert(connection, table, _row(table, columns[table], subdomain, ids))
        ids[table] = _first_id(connection, table, columns[table], ids["Tenant"])
    return int(ids["Tenant"])


def row_of(connection: Connection, table: str, tenant: int) -> str:
    """The school's first row of the table, as JSON."""
    statement = f"""
        SELECT to_jsonb(t)::text FROM {quoted(table)} t WHERE {tenant_column(table)} = :tenant LIMIT 1
    """
    return str(connection.execute(text(statement), {"tenant": tenant}).scalar_one())


def _row(table: str, columns: list[Column], subdomain: str, ids: dict[str, Any]) -> dict[str, Any]:
    row = {}
    for column in columns:
        if column.parent is not None and not column.has_default:
            row[column.name] = ids[column.parent] if column.parent != table else None
        elif not column.has_default and (column.required or column.type in TELLING):
            row[column.name] = _value(table, column, subdomain)
    return row


def _value(table: str, column: Column, subdomain: str) -> Any:
    """KeyError for a type that nobody has thought of."""
    if column.label or column.listed:
        return column.label or column.listed
    mark = f"{SECRET}-{subdomain}-{table}-{column.name}".lower()
    return TEXTS.get(column.name, VALUES[column.type])(mark, column.name)


def _hour(column: str) -> int:
    """Whatever ends does so after what starts."""
    return 11 if "end" in column.lower() or "until" in column.lower() else 10


def _day(mark: str) -> int:
    """Each table has days of its own, so that nobody of a school is in two places."""
    table = mark.split("-")[-2]
    return 1 + sum(map(ord, table)) % 27


def _tenant(connection: Connection, subdomain: str) -> int:
    found = connection.execute(text('SELECT id FROM "Tenant" WHERE subdomain = :s'), {"s": subdomain})
    there = found.scalar_one_or_none()
    if there is not None:
        return int(there)
    row = _row("Tenant", columns_of(connection, "Tenant"), subdomain, {})
    _insert(connection, "Tenant", {**row, "subdomain": subdomain})
    return _tenant(connection, subdomain)


def _has_rows(connection: Connection, table: str, tenant: int) -> bool:
    """A trigger may have made one."""
    found = connection.execute(
        text(f"SELECT EXISTS (SELECT FROM {quoted(table)} WHERE {tenant_column(table)} = :t)"), {"t": tenant}
    )
    return bool(found.scalar_one())


def _insert(connection: Connection, table: str, row: dict[str, Any]) -> None:
    names = ", ".join(map(quoted, row))
    connection.execute(
        text(f"""
            INSERT INTO {quoted(table)} ({names})
            SELECT {names} FROM jsonb_populate_record(NULL::{quoted(table)}, CAST(:row AS jsonb))
        """),
        {"row": json.dumps(row)},
    )


def _first_id(connection: Connection, table: str, columns: list[Column], tenant: int) -> Any:
    if not any(column.name == "id" for column in columns):
        return None
    statement = f"SELECT id::text FROM {quoted(table)} WHERE {tenant_column(table)} = :tenant LIMIT 1"
    return connection.execute(text(statement), {"tenant": tenant}).scalar_one()
