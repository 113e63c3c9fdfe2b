"""How backups and restores are asked for, and how they are told."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from shared.fields import Document, Id, Name

Status = Literal["PENDING", "RUNNING", "COMPLETED", "FAILED"]
Cause = Literal["DAILY", "STAFF"]
Subdomain = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]


class BackupView(Document):
    """A backup of all that the school has, of one moment."""

    id: UUID
    status: Status
    cause: Cause = Field(description="Made every day, or asked for by the staff")
    rows: int | None = None
    bytes: int | None = Field(None, description="Of the sealed file")
    revision: str | None = Field(None, description="Of the database's schema")
    failure_code: str | None = Field(
        None, description="rows_missing, table_forgotten or failed; the next attempt may succeed"
    )
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None


class BackupList(Document):
    """The newest first."""

    backups: list[BackupView]
    next_cursor: str | None = None


class BackupsQuery(Document):
    limit: int = Field(50, ge=1, le=100)
    cursor: (
        Annotated[str, StringConstraints(pattern=r"^[0-9]{1,15}_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
        | None
    ) = Field(None, description="`nextCursor` of the page before")


class NewSchoolName(Document):
    name: Name
    subdomain: Subdomain


class NewRestore(Document):
    """Either in place, or as a new school beside the one that was backed up."""

    backup_id: UUID
    in_place: Literal[True] | None = Field(None, description="What the school has by now is lost")
    as_new: NewSchoolName | None = Field(None, alias="as")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.in_place is None) == (self.as_new is None):
            raise ValueError("say either inPlace or as")
        return self


class RestoreView(Document):
    id: UUID
    backup_id: UUID
    status: Status
    in_place: bool
    as_new: NewSchoolName | None = Field(None, alias="as")
    tenant_id: int | None = Field(None, description="The school that there is now, once it is completed")
    rows: int | None = None
    failure_code: str | None = Field(
        None,
        description="Why nothing was changed: backup_unreadable, schema_newer, schema_not_known, "
        "schema_too_old, ids_taken, address_taken, calcom_rows, not_as_backed_up, invariant_broken, failed",
    )
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None


class BackupTask(Document):
    """A message: make this backup."""

    tenant_id: Id
    backup_id: UUID


class RestoreTask(Document):
    """A message: carry out this restore."""

    tenant_id: Id
    restore_id: UUID
