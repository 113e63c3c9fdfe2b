"""What a backup says of itself, at its end."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

FORMAT = 1


class ManifestPart(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, extra="forbid", frozen=True)


class TableEntry(ManifestPart):
    """`sha256` is of the rows as COPY writes them, in hexadecimal."""

    columns: list[str]
    rows: int
    bytes: int
    sha256: str


class Manifest(ManifestPart):
    """`revision` is the schema's; `broken_invariants` did not hold when the backup was made."""

    format: int
    tenant_id: int
    backup_id: UUID
    revision: str
    taken_at: datetime
    broken_invariants: list[str]
    tables: dict[str, TableEntry]

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())
