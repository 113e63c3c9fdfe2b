"""What is in a database before it is migrated. Nothing here writes."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, text

from migrations import facts
from migrations.tenancy import COPIES
from shared.models import Base

OURS = tuple(table for table in Base.metadata.tables if table not in facts.TABLES)

# Tables that belong to an extension are nobody's data.
TABLES = """
    SELECT c.relname AS name, c.relowner::regrole::text AS owner,
           pg_has_role(current_user, c.relowner, 'USAGE') AS is_owned,
           CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END AS rows
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
"""
COLUMNS = """
    SELECT c.relname AS table_name, a.attname AS column_name, format_type(a.atttypid, a.atttypmod) AS type,
           a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AS must_be_given
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY (:tables)
      AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname, a.attnum
"""
ENUMS = """
    SELECT t.typname AS name, array_agg(e.enumlabel::text) AS labels
    FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid
    WHERE t.typnamespace = 'public'::regnamespace GROUP BY 1
"""
SCHEMAS_OF_CALCOM = """
    SELECT nspname FROM pg_namespace n WHERE nspname <> 'public' AND (
        SELECT count(*) FROM pg_class WHERE relnamespace = n.oid AND relkind = 'r'
          AND relname IN ('EventType', 'Booking', 'Schedule')) = 3
"""

# Whose time is taken twice: bookings that begin before all earlier ones of their host have ended.
OVERLAPS = """
    WITH coming AS (
        SELECT b.id, b.uid, b."userId", b."startTime", b."endTime",
               max(b."endTime") OVER (PARTITION BY b."userId" ORDER BY b."startTime", b.id
                                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS taken_until
        FROM "Booking" b
        WHERE b."userId" IS NOT NULL AND b."endTime" > b."startTime"
          AND b."endTime" > now() AT TIME ZONE 'UTC'
          AND (b.status = 'accepted' OR b.status = 'pending' AND EXISTS (
              SELECT FROM "EventType" e
              WHERE e.id = b."eventTypeId" AND e."requiresConfirmationWillBlockSlot")))
    SELECT id, uid, "userId" AS host, "startTime" AS starts, "endTime" AS ends, count(*) OVER () AS total
    FROM coming WHERE "startTime" < taken_until ORDER BY "startTime", id LIMIT :first
"""
SAME_ADDRESS = """
    SELECT lower(email) AS address, string_agg(id::text, ', ' ORDER BY id) AS ids,
           count(*) OVER () AS total
    FROM users GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT :first
"""
SHARED_ADDRESS = """
    SELECT email, count(*) AS schools FROM users GROUP BY email HAVING count(*) > 1 ORDER BY 1 LIMIT :first
"""
# Prisma's own record; a migration that neither ended nor was rolled back.
UNFINISHED = """
    SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NULL AND rolled_back_at IS NULL
"""


def rows(connection: Connection, statement: str, **values: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(text(statement), values).mappings()]


def tables(connection: Connection) -> Mapping[str, dict[str, Any]]:
    """By name: owner, is_owned (whether this role is it or acts as it), rows (an estimate, or None)."""
    return {row["name"]: row for row in rows(connection, TABLES)}


def columns(connection: Connection) -> Mapping[tuple[str, str], dict[str, Any]]:
    """By table and column, of Cal.com's tables that we extend: type, must_be_given."""
    wanted = [*facts.TABLES, *COPIES]
    found = rows(connection, COLUMNS, tables=wanted)
    return {(row["table_name"], row["column_name"]): row for row in found}


def enums(connection: Connection) -> Mapping[str, list[str]]:
    return {row["name"]: row["labels"] for row in rows(connection, ENUMS)}


def revisions(connection: Connection, there: Iterable[str]) -> list[str]:
    """What the database says its revision is: none, one, or the several of something broken."""
    if "alembic_version" not in there:
        return []
    return [row["version_num"] for row in rows(connection, "SELECT version_num FROM alembic_version")]
