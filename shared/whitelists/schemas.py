"""How an import is asked for, and how it is told."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.fields import Document, Id, IdInQuery, Name

Mode = Literal["merge", "replace"]
Status = Literal["AWAITING_UPLOAD", "PROCESSING", "COMPLETED", "FAILED"]


# When the last one of a page was asked for, in epoch milliseconds, and its id.
ImportCursor = Annotated[
    str, StringConstraints(pattern=r"^\d{1,15}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
]


class HeaderMapping(Document):
    email: Name = Field(description="The header of the column with the addresses, without regard to case")


class NewWhitelistImport(Document):
    event_type_id: Id
    mode: Mode = Field(description="`merge` adds to the list; `replace` also removes whoever is not listed")
    header_mapping: HeaderMapping | None = Field(
        None,
        description="Which column is which, by its header. Without it the column is found: by a header like "
        "`Email` or `Địa chỉ email`, else by the addresses in it",
    )


class Upload(Document):
    url: str = Field(description="Post a form here, once: these fields, and after them the file as `file`")
    method: Literal["POST"]
    fields: dict[str, str]
    expires_at: datetime
    max_bytes: int = Field(description="S3 takes no larger file")


class WhitelistImportCreated(Document):
    id: UUID
    status: Status
    upload: Upload


class RejectedLine(Document):
    line: int = Field(description="Counted from 1; the first line of a field that spans several")
    value: str = Field(description="What stood there, cut to 200 characters")
    reason: Literal["not_an_address", "look_alike", "too_long", "not_text", "missing"] = Field(
        description="look_alike: an address but for letters that are only drawn like those of one"
    )


class WhitelistImportState(Document):
    """Each row that was read is added, already there, or rejected."""

    id: UUID
    event_type_id: int
    mode: Mode
    header_mapping: HeaderMapping | None = None
    status: Status
    failure_code: str | None = Field(
        None,
        description="Why the file as a whole was refused, the list being as it was: empty_file, not_a_csv, "
        "file_too_large, line_too_long, too_many_rows, unclosed_quote, column_not_found, no_addresses",
    )
    percent_done: int
    rows_read: int
    rows_added: int
    rows_already_there: int = Field(description="On the list before, or on an earlier line of the file")
    rows_removed: int
    rows_rejected: int
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None


class WhitelistImportView(WhitelistImportState):
    """The import, and a page of the lines that were rejected."""

    rejected_lines: list[RejectedLine]
    next_cursor: str | None = None


class WhitelistImportList(Document):
    whitelist_imports: list[WhitelistImportState]
    next_cursor: str | None = None


class RejectedLinesQuery(Document):
    limit: int = Field(100, ge=1, le=100)
    cursor: IdInQuery | None = Field(None, description="`nextCursor` of the page before")


class WhitelistImportsQuery(Document):
    event_type_id: IdInQuery | None = None
    limit: int = Field(50, ge=1, le=100)
    cursor: ImportCursor | None = Field(None, description="`nextCursor` of the page before")
