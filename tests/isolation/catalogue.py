"""What the database's catalogue says of the schools' tables."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from shared.models import Base

# Every school shares these; whoever adds one says why.
PLATFORM_TABLES = {
    "LandingTemplate": "designs that come with the product",
    "alembic_version": "the revision of the schema",
}
TENANT_TABLES = sorted(set(Base.metadata.tables) - set(PLATFORM_TABLES))

APP = "booking_app"
# Bound like the app; it writes back what was backed up.
RESTORER = "booking_restore"
# Who passes the schools' policies by one of its own; whoever adds a role says why.
PLATFORM_ROLES = {
    "booking_ops": "schedules and super admins work for all schools",
    "booking_backup": "an export reads whole tables",
}

# Where two references name a parent, it is the one that carries the tenant.
COLUMNS = r"""
    SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type, a.attnotnull AS required,
           a.atthasdef AS has_default,
           (SELECT enumlabel FROM pg_enum WHERE enumtypid = a.atttypid
            ORDER BY enumsortorder LIMIT 1) AS label,
           (SELECT min(substring(pg_get_constraintdef(k.oid) FROM $$= ANY \(+ARRAY\['([^']+)$$))
            FROM pg_constraint k
            WHERE k.conrelid = a.attrelid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]) AS listed,
           (SELECT min(p.relname) FROM pg_constraint k JOIN pg_class p ON p.oid = k.confrelid
            WHERE k.conrelid = a.attrelid AND k.contype = 'f' AND a.attnum = ANY (k.conkey)
              AND (a.attname = 'tenantId') = (cardinality(k.conkey) = 1)) AS parent
    FROM pg_attribute a
    WHERE a.attrelid = to_regclass(:table) AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attnum
"""
KEY = """
    SELECT a.attname::text AS name FROM pg_index i
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
    WHERE i.indrelid = to_regclass(:table) AND i.indisprimary
"""
PRIVILEGES = """
    SELECT p.name FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) p (name)
    WHERE has_table_privilege(:role, :table, p.name)
"""


@dataclass(frozen=True)
class Column:
    """`label` is an enum's first, `listed` the first that a check allows, `parent` the table it names."""

    name: str
    type: str
    required: bool
    has_default: bool
    label: str | None
    listed: str | None
    parent: str | None


def quoted(name: str) -> str:
    return '"' + name + '"'


def tenant_column(table: str) -> str:
    """The column that says whose a row is, quoted."""
    return "id" if table == "Tenant" else '"tenantId"'


def columns_of(connection: Connection, table: str) -> list[Column]:
    return [Column(**row) for row in rows(connection, COLUMNS, table=quoted(table))]


def key_of(connection: Connection, table: str) -> tuple[str, ...]:
    """The columns of the primary key."""
    return tuple(row["name"] for row in rows(connection, KEY, table=quoted(table)))


def privileges_of(connection: Connection, role: str, table: str) -> frozenset[str]:
    found = rows(connection, PRIVILEGES, role=role, table=quoted(table))
    return frozenset(row["name"] for row in found)


def rows(connection: Connection, statement: str, **parameters: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(text(statement), parameters).mappings()]
