"""How an import is asked for, and how it is told."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from shared.fields import Document, Id, IdInQuery

Mode = Literal["merge", "replace"]
Status = Literal["AWAITING_UPLOAD", "COMPLETED", "FAILED"]


class NewWhitelistImport(Document):
    event_type_id: Id
    mode: Mode = Field(description="`merge` adds to the list; `replace` also removes whoever is not listed")


class Upload(Document):
    url: str = Field(description="Put the file here, once, with these headers")
    method: Literal["PUT"]
    headers: dict[str, str]
    expires_at: datetime
    max_bytes: int


class WhitelistImportCreated(Document):
    id: UUID
    status: Status
    upload: Upload


class RejectedLine(Document):
    line: int = Field(description="Counted from 1; the first line of a field that spans several")
    value: str = Field(description="What stood there, cut to 200 characters")
    reason: Literal["not_an_address", "too_long", "not_text", "missing"]


class WhitelistImportView(Document):
    """Each row that was read is added, already there, or rejected."""

    id: UUID
    event_type_id: int
    mode: Mode
    status: Status
    failure_code: str | None = Field(
        None,
        description="Why the file as a whole was refused, the list being as it was: empty_file, not_a_csv, "
        "file_too_large, line_too_long, too_many_rows, unclosed_quote, no_addresses",
    )
    rows_read: int
    rows_added: int
    rows_already_there: int = Field(description="On the list before, or on an earlier line of the file")
    rows_removed: int
    rows_rejected: int
    created_at: datetime
    finished_at: datetime | None = None
    rejected_lines: list[RejectedLine]
    next_cursor: str | None = None


class RejectedLinesQuery(Document):
    limit: int = Field(100, ge=1, le=100)
    cursor: IdInQuery | None = Field(None, description="`nextCursor` of the page before")
