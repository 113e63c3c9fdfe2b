"""The addresses of a list, one by one."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from shared.fields import LONGEST_ADDRESS, Document, EmailAddress, Id, IdInQuery, normalised_email


def cursor_after(email: str) -> str:
    """What names the place behind an address, without showing the address to every log of URLs."""
    return urlsafe_b64encode(email.encode()).decode().rstrip("=")


def _address_in(cursor: str) -> str:
    address = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    if normalised_email(address) != address:
        raise ValueError("must be a nextCursor")
    return address


class NewWhitelistEntry(Document):
    event_type_id: Id
    email: EmailAddress


class WhitelistEntryView(Document):
    id: int
    event_type_id: int
    email: str
    added_at: datetime
    added_by: int | None = Field(None, description="Whose import or request it was, while they are staff")


class WhitelistEntryList(Document):
    whitelist_entries: list[WhitelistEntryView]
    next_cursor: str | None = None


class WhitelistEntriesQuery(Document):
    event_type_id: IdInQuery
    search: (
        Annotated[
            str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=LONGEST_ADDRESS,
                                   pattern=r"^[ -~]*$")
        ]
        | None
    ) = Field(None, description="Part of an address, without regard to case")  # fmt: skip
    limit: int = Field(50, ge=1, le=100)
    cursor: (
        Annotated[
            str,
            StringConstraints(pattern=r"^[A-Za-z0-9_-]+$", max_length=2 * LONGEST_ADDRESS),
            AfterValidator(_address_in),
        ]
        | None
    ) = Field(None, description="`nextCursor` of the page before")


class WhitelistQuery(Document):
    event_type_id: IdInQuery


class Download(Document):
    """A file for a spreadsheet; whoever has the link may fetch it until it expires."""

    url: str
    lines: int = Field(description="Of data, besides the header")
    expires_at: datetime
