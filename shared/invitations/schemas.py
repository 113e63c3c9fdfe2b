"""How somebody is invited to the staff, and how invitations are told."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.fields import Document, EmailAddress, IdInQuery, Locale, Name, TimeZone

InvitedRole = Literal["TEACHER", "TENANT_ADMIN"]
InvitationStatus = Literal["PENDING", "EXPIRED", "ACCEPTED", "REVOKED"]


class NewInvitation(Document):
    """A teacher starts with weekdays from nine to five in their zone, and teaches nothing yet."""

    role: InvitedRole
    name: Name = Field(examples=["Tess Teacher"])
    email: EmailAddress = Field(examples=["tess@example.com"])
    time_zone: TimeZone = Field("UTC", examples=["Europe/Paris"])
    locale: Locale = Field("en", description="Language of the mails", examples=["vi"])


class InvitationView(Document):
    id: int
    user_id: int
    role: InvitedRole
    name: str
    email: str
    status: InvitationStatus
    created_at: datetime
    sent_at: datetime | None = Field(None, description="Of the newest mail; absent until it is sent")
    expires_at: datetime | None = None
    accepted_at: datetime | None = None


class InvitationsQuery(Document):
    limit: int = Field(50, ge=1, le=100)
    cursor: IdInQuery | None = Field(None, description="`nextCursor` of the page before")
    status: InvitationStatus | None = None


class InvitationList(Document):
    """The newest first."""

    invitations: list[InvitationView]
    next_cursor: str | None = None


class Acceptance(Document):
    token: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="Of the link in the mail", examples=["pV7yq0m3Zk2bN8sXw1RfTg"], repr=False
    )
