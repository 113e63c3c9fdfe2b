"""What a school holds of one person, as they may ask for it."""

from typing import Any

from pydantic import Field, StrictBool

from shared.fields import Document

Rows = list[dict[str, Any]]


class PersonExport(Document):
    """Rows as they are kept, by what they are about; without the tokens that would open them."""

    email: str
    account: Rows
    bookings: Rows = Field(description="That they came to")
    attendances: Rows = Field(description="How they were named in each booking")
    history: Rows = Field(description="What became of the bookings")
    payments: Rows
    refunds: Rows
    waitlist: Rows
    whitelist: Rows
    mails: Rows = Field(description="That are still to be sent")
    audit: Rows = Field(description="What was done to their account, and by them")


class Erasure(Document):
    cancel_future_bookings: StrictBool = Field(
        default=False, description="Else bookings to come keep the person from being erased"
    )


class PersonErased(Document):
    """Counts; all are zero when nothing was left to erase."""

    account: bool = Field(description="An account of theirs was emptied")
    bookings: int
    bookings_cancelled: int
    waitlist_entries: int
    whitelist_entries: int
    mails: int = Field(description="That will not be sent")
