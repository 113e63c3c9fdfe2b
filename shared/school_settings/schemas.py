"""What a school says of itself, and how it wants things done."""

from typing import Annotated, Any

from pydantic import Field

from shared.changes import changes_of
from shared.fields import AsWhole, Document, EmailAddress, Locale, Name, TimeZone
from shared.workshops.offer_freed_seats import HOLD_HOURS


class SettingsTerms(Document):
    name: Name = Field(examples=["Aurora"])
    locale: Locale = Field("en", description="Of what is not said to anybody in particular")
    time_zone: TimeZone | None = None
    reply_to: EmailAddress | None = Field(
        None, description="Where answers to the school's mails go", examples=["hello@aurora.example"]
    )
    waitlist_offer_hours: Annotated[int, Field(ge=1, le=168, strict=True), AsWhole] = Field(
        HOLD_HOURS, description="How long a seat is held for who waits"
    )


SettingsChanges: Any = changes_of(SettingsTerms, "SettingsChanges")


class SettingsOfStaff(SettingsTerms):
    subdomain: str
