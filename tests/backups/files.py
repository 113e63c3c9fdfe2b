"""Backups of test databases, as files in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from uuid import uuid4

from sqlalchemy import Engine

from shared.backups.export_tenant import Readers, export_tenant
from shared.backups.identity import Identity
from shared.backups.manifest import Manifest
from shared.backups.restore_tenant import NewSchool, Restored, restore_tenant
from shared.backups.swap_rows import KEPT
from shared.clients.data_keys import DataKeys
from shared.database import connect_database
from tests.databases import TestDatabase

NOW = datetime(2030, 6, 3, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class BackupFile:
    """What was written, and what is in it."""

    identity: Identity
    content: bytes
    manifest: Manifest

    @property
    def rows_of_place(self) -> int:
        """How many are put when the school is there: what was done stays noted."""
        return self.manifest.rows - sum(self.manifest.tables[table].rows for table in KEPT)

    def changed(self, content: bytes) -> "BackupFile":
        return BackupFile(self.identity, content, self.manifest)


@dataclass
class Vaulted:
    """A database with the roles that back it up and restore it."""

    database: TestDatabase
    keys: DataKeys
    readers: Readers
    restorer: Engine

    def back_up(self, tenant_id: int) -> BackupFile:
        identity, file = Identity(tenant_id, uuid4()), BytesIO()
        manifest = export_tenant(self.readers, identity, self.keys.make(identity.context()), file, NOW)
        return BackupFile(identity, file.getvalue(), manifest)

    def restore(self, backup: BackupFile, *, subdomain: str | None = None) -> Restored:
        as_new = None if subdomain is None else NewSchool(subdomain.capitalize(), subdomain)
        return restore_tenant(self.restorer, self.keys, BytesIO(backup.content), backup.identity, as_new)


@contextmanager
def vaulted(database: TestDatabase, key_id: str) -> Iterator[Vaulted]:
    engines = [
        connect_database(url)
        for url in (database.url_of("booking_backup"), database.app_url, database.url_of("booking_restore"))
    ]
    backup, app, restorer = engines
    yield Vaulted(database, DataKeys(key_id), Readers(backup, app), restorer)
    for engine in engines:
        engine.dispose()
