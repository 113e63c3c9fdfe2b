"""A backup becomes a school again: in its place, in an empty one, or beside it as another.

All of it is one transaction of a role that the schools' policies bind. What comes out is compared with what
went in, row by row, and held against the invariants, before it counts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from shared.backups.archive import ArchiveReader
from shared.backups.catalogue import Table, schools_tables
from shared.backups.detach import detach, silence
from shared.backups.errors import RestoreRefused
from shared.backups.identity import Identity
from shared.backups.manifest import Manifest
from shared.backups.renumber import renumber
from shared.backups.sealed_file import SealedReader
from shared.backups.stage_backup import stage_backup, staged
from shared.backups.swap_rows import clear_school, put_rows, raise_sequences, refuse_other_rows
from shared.clients.data_keys import DataKey, DataKeys
from shared.database import in_tenant
from shared.invariants import broken_invariants
from shared.sqlstates import CHECK_VIOLATION, NOT_NULL_VIOLATION, UNIQUE_VIOLATION, constraint_of, sqlstate
from shared.tenant_scope import of_tenant

ADDRESSES = ("Tenant_subdomain_key", "Tenant_customDomain_key")

LOCKED = text('SELECT id FROM "Tenant" WHERE id = :tenant FOR UPDATE')
NEXT_TENANT = text("""
    SELECT set_config('app.current_tenant_id', id::text, true)::int
    FROM nextval(pg_get_serial_sequence('"Tenant"', 'id')) id
""")
NAMED = text(f"""
    UPDATE {staged("Tenant")} SET name = :name, subdomain = :subdomain, "subscriptionStatus" = 'ACTIVE'
""")  # noqa: S608  # a name of ours
# Of a school that has just come nothing is known of how many rows it has, and few would be guessed.
WITHOUT_STATISTICS = text("SELECT set_config('enable_nestloop', 'off', true)")
OUTSIDE = text("SELECT table_that_refers_from_outside()")


@dataclass(frozen=True, slots=True)
class NewSchool:
    """What the copy is called, and where it lives."""

    name: str
    subdomain: str


@dataclass(frozen=True, slots=True)
class Restored:
    """The school that there is now, and how many rows it has."""

    tenant_id: int
    rows: int


@dataclass(frozen=True, slots=True)
class Put:
    """The school whose rows were written, and into which tables."""

    tenant_id: int
    tables: Mapping[str, Table]


def restore_tenant(
    database: Engine,
    keys: DataKeys,
    file: BinaryIO,
    identity: Identity,
    as_new: NewSchool | None = None,
    finish: Callable[[Connection, Restored], None] | None = None,
) -> Restored:
    """Restore the backup in `file`, which must be the one that `identity` tells of.

    Without `as_new` it takes the place of the school that it was made of, whether that is still there or not:
    its address, plan, status and keys stay what they are by now. `finish` is called at the end of the
    transaction. Raises RestoreRefused; then nothing changed.
    """
    key = _proven_key(keys, file, identity)

    def restore(connection: Connection) -> Restored:
        archive = ArchiveReader.of(_opened(file).chunks(key.plaintext))
        tables = schools_tables(connection)
        manifest = stage_backup(connection, tables, archive, identity)
        silence(connection)
        if as_new:
            put = _beside(connection, tables, as_new)
        else:
            put = _in_place(connection, tables, identity.tenant_id)
        restored = _checked(connection, manifest, put)
        if finish is not None:
            finish(connection, restored)
        return restored

    try:
        return in_tenant(database, of_tenant(identity.tenant_id), restore)
    except DBAPIError as error:
        refused = _refusal(error)
        if refused is None:
            raise
        raise refused from error


def _proven_key(keys: DataKeys, file: BinaryIO, identity: Identity) -> DataKey:
    """The file's key, after every byte of the file was found to be as it was written."""
    file.seek(0)
    key = identity.open_key(keys, SealedReader(file).read_header())
    for _ in _opened(file).chunks(key.plaintext):
        pass
    return key


def _opened(file: BinaryIO) -> SealedReader:
    """From its beginning: it is read more than once."""
    file.seek(0)
    source = SealedReader(file)
    source.read_header()
    return source


def _beside(connection: Connection, tables: Mapping[str, Table], as_new: NewSchool) -> Put:
    tenant_id = int(connection.execute(NEXT_TENANT).scalar_one())
    detach(connection)
    connection.execute(NAMED, {"name": as_new.name, "subdomain": as_new.subdomain})
    renumber(connection, tables, tenant_id)
    put_rows(connection, tables, tag=as_new.subdomain)
    return Put(tenant_id, tables)


def _in_place(connection: Connection, tables: Mapping[str, Table], tenant_id: int) -> Put:
    put = tables
    # Whoever writes a row of the school refers to it, and waits; so nothing is written in between.
    if connection.execute(LOCKED, {"tenant": tenant_id}).one_or_none():
        outside = connection.execute(OUTSIDE).scalar_one()
        if outside is not None:
            raise RestoreRefused("calcom_rows", str(outside))
        put = clear_school(connection, tables, tenant_id)
    put_rows(connection, put)
    raise_sequences(connection, put)
    return Put(tenant_id, put)


def _checked(connection: Connection, manifest: Manifest, put: Put) -> Restored:
    """What did not hold when the backup was made need not hold now."""
    connection.execute(WITHOUT_STATISTICS)
    rows = refuse_other_rows(connection, put.tables, put.tenant_id)
    broken = set(broken_invariants(connection)) - set(manifest.broken_invariants)
    if broken:
        raise RestoreRefused("invariant_broken", ", ".join(sorted(broken)))
    return Restored(put.tenant_id, rows)


def _refusal(error: DBAPIError) -> RestoreRefused | None:
    """What of the backup the database does not take; None for what is no fault of the backup."""
    state = sqlstate(error)
    if state in (CHECK_VIOLATION, NOT_NULL_VIOLATION):
        return RestoreRefused("schema_too_old", constraint_of(error))
    if state == UNIQUE_VIOLATION:
        taken = "address_taken" if constraint_of(error) in ADDRESSES else "ids_taken"
        return RestoreRefused(taken, constraint_of(error))
    return None
