"""A backup's rows into temporary tables, each like the one that it is for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pg8000.exceptions import DatabaseError
from pydantic import ValidationError
from sqlalchemy import Connection, text

from shared.backups.archive import ArchiveReader, RowCounter
from shared.backups.catalogue import Table, listed, quoted
from shared.backups.errors import RestoreRefused
from shared.backups.identity import Identity
from shared.backups.manifest import FORMAT, Manifest, TableEntry
from shared.sqlstates import sqlstate
from shared.whitelists.copy_rows import copy_rows

REVISION = text("SELECT version_num FROM alembic_version")
# A column that the backup does not know has no default, or a value is not allowed any more.
DOES_NOT_FIT = ("23502", "23514", "22P02", "22001", "22003", "22007")


def staged(table: str) -> str:
    """The temporary table's name, as an SQL identifier."""
    return quoted(f"staged {table}")


@dataclass
class Staging:
    """What was read so far."""

    connection: Connection
    tables: Mapping[str, Table]
    entries: dict[str, TableEntry] = field(default_factory=dict)


def stage_backup(
    connection: Connection, tables: Mapping[str, Table], archive: ArchiveReader, identity: Identity
) -> Manifest:
    """Read the whole archive; its manifest, with which everything agrees. Raises RestoreRefused.

    Columns that the backup is too old to know get their defaults.
    """
    for table in tables.values():
        _make(connection, table)
    staging = Staging(connection, tables)
    while "table" in (told := archive.headline()):
        _stage(staging, archive, str(told["table"]), list(told.get("columns") or ()))
    manifest = _checked(told, staging.entries, identity)
    archive.expect_end()
    _refuse_newer(connection, manifest)
    return manifest


def _make(connection: Connection, table: Table) -> None:
    """Without the keys and references, which the real one has."""
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE {staged(table.name)} (LIKE {quoted(table.name)} INCLUDING DEFAULTS)"
        " ON COMMIT DROP"
    )


def _stage(staging: Staging, archive: ArchiveReader, name: str, columns: list[str]) -> None:
    table = staging.tables.get(name)
    if name in staging.entries:
        raise RestoreRefused("backup_unreadable", "a table comes twice")
    if table is None or not set(columns) <= table.columns.keys():
        raise RestoreRefused("schema_not_known", f"{name} has columns that are not known here")
    counter, trouble = RowCounter(), list[RestoreRefused]()
    statement = f"COPY {staged(name)} ({listed(columns)}) FROM STDIN"
    try:
        copy_rows(staging.connection, statement, _counted(archive.rows(), counter, trouble))
    except DatabaseError as error:
        if trouble:
            raise trouble[0] from error
        if sqlstate(error) not in DOES_NOT_FIT:
            raise
        raise RestoreRefused("schema_too_old", f"{name} does not fit any more") from error
    if trouble:
        raise trouble[0]
    staging.entries[name] = counter.entry(columns)
    staging.connection.exec_driver_sql(f"ANALYZE {staged(name)}")


def _counted(rows: Iterator[bytes], counter: RowCounter, trouble: list[RestoreRefused]) -> Iterator[bytes]:
    """Rows on their way into COPY, in which nothing may be raised: half a statement was sent by then."""
    try:
        for piece in rows:
            counter.count(piece)
            yield piece
    except RestoreRefused as refused:
        trouble.append(refused)


def _checked(told: Mapping[str, Any], entries: Mapping[str, TableEntry], identity: Identity) -> Manifest:
    try:
        manifest = Manifest.model_validate(told.get("manifest"))
    except ValidationError:
        raise RestoreRefused("backup_unreadable", "no manifest of ours") from None
    found = (manifest.format, manifest.tenant_id, manifest.backup_id)
    if found != (FORMAT, identity.tenant_id, identity.backup_id) or manifest.tables != entries:
        raise RestoreRefused("backup_unreadable", "the manifest is of something else")
    return manifest


def _refuse_newer(connection: Connection, manifest: Manifest) -> None:
    """Revisions are named after their day and their place in it."""
    if manifest.revision > connection.execute(REVISION).scalar_one():
        raise RestoreRefused("schema_newer", manifest.revision)
