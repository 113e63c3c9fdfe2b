"""How far an import is, for whoever looks meanwhile: told from a connection of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Engine, text

from shared.database import in_tenant
from shared.whitelists.import_whitelist import of_import

# Reading the lines and deciding about them take about as long.
READ = 40
BYTES_BETWEEN = 4 * 1024 * 1024

# Whoever has the row decides about the import just now: nobody waits to tell of progress.
_TELL = text("""
    UPDATE "WhitelistImport"
    SET status = 'PROCESSING', "percentDone" = :percent,
        "startedAt" = coalesce("startedAt", CAST(:now AS timestamptz) AT TIME ZONE 'UTC')
    WHERE id = (SELECT id FROM "WhitelistImport"
                WHERE id = CAST(:id AS uuid) AND status IN ('AWAITING_UPLOAD', 'PROCESSING')
                FOR NO KEY UPDATE SKIP LOCKED)
""")


def tell_progress(connection: Connection, import_id: UUID, percent: int, now: datetime) -> None:
    """Of an import that runs; of one that has ended nothing is told."""
    connection.execute(_TELL, {"id": str(import_id), "percent": percent, "now": now})


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells of one import, which began at `now`, through `database`: not the engine that imports."""

    database: Engine
    import_id: UUID
    now: datetime

    def begun(self) -> None:
        self._tell(0)

    def decided(self, part: float) -> None:
        """How much of what was read is in the list, from 0 to 1."""
        self._tell(READ + int((99 - READ) * part))

    def read(self, chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
        """The chunks of a file of `size` bytes, as they are read."""
        done, told = 0, 0
        for chunk in chunks:
            yield chunk
            done += len(chunk)
            if done - told >= BYTES_BETWEEN:
                told = done
                self._tell(READ * done // max(size, done))

    def _tell(self, percent: int) -> None:
        in_tenant(
            self.database,
            of_import(self.import_id),
            lambda c: tell_progress(c, self.import_id, percent, self.now),
        )
