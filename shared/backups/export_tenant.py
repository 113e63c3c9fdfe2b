"""A school's rows, all of one moment, into an archive.

Two connections look at the same snapshot: the one of the backup role, which reads, and the app's, which says
how much there is. They pass by different policies, so that a table that one of them does not see is noticed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import Connection, Engine, text

from shared.backups.archive import ArchiveWriter, Sink
from shared.backups.catalogue import Table, listed, quoted, schools_tables
from shared.backups.errors import BackupFailed
from shared.backups.identity import Identity
from shared.backups.manifest import FORMAT, Manifest, TableEntry
from shared.backups.sealed_file import SealedWriter
from shared.clients.data_keys import DataKey
from shared.database import in_tenant
from shared.invariants import broken_invariants
from shared.one_flush import Statement
from shared.sqlstates import INSUFFICIENT_PRIVILEGE, sqlstate

SNAPSHOT: Statement = ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", ())
# The app's timeout is for people who wait.
COUNT_TIMEOUT = "10min"

REVISION = text("SELECT version_num FROM alembic_version")
SETTINGS = text("""
    SELECT set_config('app.current_tenant_id', CAST(:tenant AS text), true),
           set_config('statement_timeout', :timeout, true)
""")


@dataclass(frozen=True, slots=True)
class Readers:
    """Engines of the role that reads backups and of the app's role."""

    backup: Engine
    app: Engine


@dataclass(frozen=True, slots=True)
class Expected:
    """What the app's role sees in the snapshot."""

    rows: Mapping[str, int]
    broken: list[str]


def export_tenant(
    readers: Readers, identity: Identity, key: DataKey, file: BinaryIO, now: datetime
) -> Manifest:
    """Write the school's backup into `file`, in flat memory; what is in it. Raises BackupFailed."""
    tenant_id = identity.tenant_id

    def export(connection: Connection) -> Manifest:
        # It may be the second attempt.
        file.seek(0)
        file.truncate()
        sealed = SealedWriter(file, key.plaintext, identity.header(key))
        tables = schools_tables(connection)
        expected = _look_by_the_app(readers.app, _exported_snapshot(connection), tenant_id, tables)
        archive = ArchiveWriter(sealed)
        entries = {name: _copy(connection, archive, table, tenant_id) for name, table in tables.items()}
        _refuse_another_count(entries, expected.rows)
        manifest = Manifest(
            format=FORMAT,
            tenant_id=tenant_id,
            backup_id=identity.backup_id,
            revision=connection.execute(REVISION).scalar_one(),
            taken_at=now,
            broken_invariants=expected.broken,
            tables=entries,
        )
        archive.close(manifest)
        sealed.close()
        return manifest

    return in_tenant(readers.backup, SNAPSHOT, export)


def _exported_snapshot(connection: Connection) -> str:
    return str(connection.execute(text("SELECT pg_export_snapshot()")).scalar_one())


def _look_by_the_app(app: Engine, snapshot: str, tenant_id: int, tables: Mapping[str, Table]) -> Expected:
    def look(connection: Connection) -> Expected:
        # Before any query: it takes the snapshot.
        connection.exec_driver_sql(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
        connection.execute(SETTINGS, {"tenant": tenant_id, "timeout": COUNT_TIMEOUT})
        counts = {name: _count(connection, table, tenant_id) for name, table in tables.items()}
        return Expected(counts, broken_invariants(connection))

    return in_tenant(app, SNAPSHOT, look)


def _count(connection: Connection, table: Table, tenant_id: int) -> int:
    statement = f"SELECT count(*) FROM {quoted(table.name)} WHERE {_of(table)} = :tenant"  # noqa: S608
    return int(connection.execute(text(statement), {"tenant": tenant_id}).scalar_one())


def _copy(connection: Connection, archive: ArchiveWriter, table: Table, tenant_id: int) -> TableEntry:
    columns = list(table.columns)
    archive.begin(table.name, columns)
    copy_out(
        connection,
        f"SELECT {listed(columns)} FROM {quoted(table.name)} WHERE {_of(table)} = {int(tenant_id)}",  # noqa: S608
        archive,
    )
    return archive.end(columns)


def copy_out(connection: Connection, query: str, sink: Sink) -> None:
    """Write the rows of `query` in COPY's text format; when `sink` raises, the connection is closed."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(f"COPY ({query}) TO STDOUT", (), stream=sink)  # type: ignore[call-arg]  # pg8000's own
    except BaseException as error:
        # SQLAlchemy does not see what its cursors do not run.
        if sqlstate(error) is None:
            connection.invalidate(error)
        if sqlstate(error) == INSUFFICIENT_PRIVILEGE:
            raise BackupFailed("table_forgotten") from error
        raise


def _refuse_another_count(entries: Mapping[str, TableEntry], expected: Mapping[str, int]) -> None:
    if any(entry.rows != expected[name] for name, entry in entries.items()):
        raise BackupFailed("rows_missing")


def _of(table: Table) -> str:
    return quoted(table.tenant_column)
