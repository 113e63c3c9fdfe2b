"""Whether a database can be migrated: looked at before the first change, in a read-only transaction."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from migrations import catalogue, facts
from migrations.errors import MigrationRefused
from migrations.rights import lacking

# References that set one column of two to NULL, and views that ask as their reader.
OLDEST_POSTGRES = 15
SHOWN = 20

OLDER = "This Cal.com is older than 6.0; update it first"

Tables = Mapping[str, dict[str, Any]]
Columns = Mapping[tuple[str, str], dict[str, Any]]
SERVER = """
    SELECT current_setting('server_version_num')::int / 10000 AS major, pg_is_in_recovery() AS is_replica
"""


def require_migratable(connection: Connection, scripts: ScriptDirectory) -> None:
    """Raises MigrationRefused with all that stands in the way."""
    with connection.begin():
        connection.execute(text("SET TRANSACTION READ ONLY"))
        refuse_if(refusals(connection, scripts))


def require_calcoms_keys(connection: Connection) -> None:
    """Raises MigrationRefused where accounts of two schools share an address, which Cal.com does not know."""
    with connection.begin():
        there = "users" in catalogue.tables(connection)
        found = catalogue.rows(connection, catalogue.SHARED_ADDRESS, first=SHOWN) if there else []
        refuse_if(f"{row['email']} has accounts at {row['schools']} schools" for row in found)


def refuse_if(reasons: Iterable[str]) -> None:
    """Raises MigrationRefused where there are reasons to."""
    told = "\n".join(f"* {reason}" for reason in reasons)
    if told:
        raise MigrationRefused(f"This database cannot be migrated as it is; nothing was changed.\n{told}")


def refusals(connection: Connection, scripts: ScriptDirectory) -> Iterator[str]:
    """What stands in the way, a sentence each; only the first where the rest follows from it."""
    server = connection.execute(text(SERVER)).one()
    if server.major < OLDEST_POSTGRES:
        yield f"This is Postgres {server.major}; {OLDEST_POSTGRES} or newer is needed"
        return
    if server.is_replica:
        yield "This is a read replica: migrate the writer"
        return
    there = catalogue.tables(connection)
    told = catalogue.revisions(connection, there)
    misfit = list(_misfits(there, told, scripts, connection))
    if misfit:
        yield from misfit
        return
    if told == list(scripts.get_heads()):
        return
    if "users" in there:
        yield from _calcom(connection)
    without_rights = list(lacking(connection, there))
    yield from without_rights
    if not without_rights:
        yield from _rows(connection, there)


def _misfits(
    there: Tables, told: list[str], scripts: ScriptDirectory, connection: Connection
) -> Iterator[str]:
    known = [script.revision for script in scripts.walk_revisions()]
    strange = [revision for revision in told if revision not in known]
    if strange or len(told) > 1:
        yield (
            f"The database says its revision is {', '.join(told)}, which is none of ours: it belongs to "
            "something else, or to a newer version of this service"
        )
    elif told:
        yield from _half_migrated(there, told[0], is_newest=told == list(scripts.get_heads()))
    else:
        yield from _untouched(there, connection)


def _half_migrated(there: Tables, revision: str, *, is_newest: bool) -> Iterator[str]:
    wanted = (*facts.TABLES, *catalogue.OURS) if is_newest else facts.TABLES
    missing = [table for table in wanted if table not in there]
    if missing:
        yield f"The database says its revision is {revision}, but lacks {_listed(missing)}: restore a backup"


def _untouched(there: Tables, connection: Connection) -> Iterator[str]:
    calcom = [table for table in facts.TABLES if table in there]
    ours = [table for table in catalogue.OURS if table in there]
    elsewhere = [row["nspname"] for row in catalogue.rows(connection, catalogue.SCHEMAS_OF_CALCOM)]
    if ours:
        yield f"{_listed(ours)} is there although nothing was migrated: the database is half of something"
    elif not calcom and elsewhere:
        yield f"Cal.com's tables are in the schema {', '.join(elsewhere)}, not in public"
    elif not calcom and set(there) - {"alembic_version"}:
        yield (
            f"The database is neither empty nor Cal.com's: it holds {_listed(sorted(there))}, "
            f"but none of {_listed(facts.TABLES)}"
        )
    elif calcom and len(calcom) < len(facts.TABLES):
        missing = [table for table in facts.TABLES if table not in there]
        yield f"Not Cal.com's, or half of one: it has {_listed(calcom)}, but lacks {_listed(missing)}"


def _calcom(connection: Connection) -> Iterator[str]:
    """What differs from Cal.com 6.0 in a way that would fail."""
    there = catalogue.columns(connection)
    wanted = {(row["table_name"], row["column_name"]): row["type"] for row in facts.columns()}
    missing = [".".join(column) for column in wanted if column not in there]
    if len(missing) * 2 > len(wanted):
        yield f"Not Cal.com's database: it lacks {len(missing)} of the {len(wanted)} columns of its tables"
        return
    if missing:
        yield f"{OLDER}. Missing columns: {_listed(missing, len(missing))}"
    yield from _other_types(there, wanted)
    labels = catalogue.enums(connection)
    for name, expected in facts.enums().items():
        absent = [label for label in expected if label not in labels.get(name, ())]
        if absent:
            yield f"{OLDER}. The enum {name} lacks {_listed(absent)}"


def _other_types(there: Columns, wanted: Mapping[tuple[str, str], str]) -> Iterator[str]:
    for column, row in there.items():
        name = ".".join(column)
        if column in wanted:
            if row["type"] != wanted[column]:
                yield f"{name} is {row['type']} and not {wanted[column]}, as it is in Cal.com 6.0"
        elif row["must_be_given"] and column[0] in facts.TABLES and column[1] != "tenantId":
            yield f"This Cal.com is newer than 6.0: {name} must be given, and this service does not know it"


def _rows(connection: Connection, there: Tables) -> Iterator[str]:
    """What only those who may read it are told."""
    if "_prisma_migrations" in there:
        for row in catalogue.rows(connection, catalogue.UNFINISHED):
            yield f"Cal.com's own migration {row['migration_name']} is not finished"
    is_live = "users" in there and "Tenant" not in there
    found = catalogue.rows(connection, catalogue.SAME_ADDRESS, first=SHOWN) if is_live else []
    if found:
        told = "; ".join(f"{row['address']} (users {row['ids']})" for row in found)
        more = f" and {found[0]['total'] - len(found)} more" if found[0]["total"] > len(found) else ""
        yield f"Addresses that differ only in case must become one account, or another address: {told}{more}"


def _listed(names: list[str] | tuple[str, ...], most: int = SHOWN) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
