"""What a school consists of, as the database's catalogue says: a new table cannot be forgotten."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter

from sqlalchemy import Connection, text

# What is in no backup; whoever adds a table says why.
LEFT_OUT: Mapping[str, str] = {
    "RequestCount": "counts of the last minutes",
    "TenantBackup": "tells of backups, and outlives a restore of one",
    "TenantRestore": "tells of restores, and outlives them",
    "BookingDenormalized": "Cal.com's triggers make it of the bookings",
    "RoutingFormResponseDenormalized": "Cal.com's triggers make it of its own forms",
}

TABLES = text("""
    SELECT c.relname::text AS name,
           (SELECT json_agg(json_build_array(a.attname, format_type(a.atttypid, NULL)) ORDER BY a.attnum)
            FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
              AND a.attgenerated = '') AS columns,
           (SELECT array_agg(a.attname::text) FROM pg_index i
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
            WHERE i.indrelid = c.oid AND i.indisprimary) AS key,
           CASE WHEN EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'id'
                             AND a.atttypid IN ('integer'::regtype, 'bigint'::regtype))
                THEN pg_get_serial_sequence(c.oid::regclass::text, 'id') END AS sequence
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND (c.relname = 'Tenant' OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid
                                           AND a.attname = 'tenantId' AND NOT a.attisdropped))
    ORDER BY 1
""")
# Between two tables of the schools' one reference carries the tenant, and beside it may stand Cal.com's own.
REFERENCES = text("""
    SELECT child.relname::text AS child, parent.relname::text AS parent, a.attname::text AS column
    FROM pg_constraint k JOIN pg_class child ON child.oid = k.conrelid
    JOIN pg_class parent ON parent.oid = k.confrelid
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) AND a.attname <> 'tenantId'
    WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace
    GROUP BY 1, 2, 3 ORDER BY 1, 3, 2
""")


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` are types by name; `references` are tables by column, of the schools' or others.

    `sequence` gives the ids, where they are numbers.
    """

    name: str
    columns: Mapping[str, str]
    key: tuple[str, ...]
    sequence: str | None
    references: Mapping[str, str]

    @property
    def tenant_column(self) -> str:
        """The column that says whose a row is."""
        return "id" if self.name == "Tenant" else "tenantId"

    @property
    def has_own_ids(self) -> bool:
        """Whether a row is named by an id that no other school's row may have."""
        return self.key == ("id",)


def schools_tables(connection: Connection) -> dict[str, Table]:
    """Every table of which a school has rows, parents before their children."""
    references: dict[str, dict[str, str]] = {}
    for row in connection.execute(REFERENCES).mappings():
        references.setdefault(row["child"], {})[row["column"]] = row["parent"]
    found = {
        row["name"]: Table(
            row["name"],
            dict(row["columns"]),
            tuple(row["key"] or ()),
            row["sequence"],
            references.get(row["name"], {}),
        )
        for row in connection.execute(TABLES).mappings()
        if row["name"] not in LEFT_OUT
    }
    return {name: found[name] for name in _parents_first(found)}


def quoted(name: str) -> str:
    """`name` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def listed(names: Iterable[str]) -> str:
    """The names as a list of columns."""
    return ", ".join(map(quoted, names))


def _parents_first(tables: Mapping[str, Table]) -> list[str]:
    parents = {
        name: {"Tenant", *table.references.values()} & tables.keys() - {name}
        for name, table in tables.items()
    }
    return list(TopologicalSorter({name: parents[name] for name in sorted(parents)}).static_order())
