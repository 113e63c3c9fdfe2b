"""How a school's access to Immersio is set and told, and what is asked of the sync."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.fields import Document, IdInQuery
from shared.immersio.schemas import StreamName
from shared.immersio.sync_health import SchoolHealth

Secret = Annotated[str, StringConstraints(pattern=r"^[!-~]{8,255}$")]
Url = Annotated[str, StringConstraints(min_length=1, max_length=500)]
SyncType = Literal["COURSE", "STUDENT", "BOOKING", "ENROLLMENT"]


class NewImmersioSettings(Document):
    """What is left out stays as it is; null takes it away. Secrets are never told back."""

    api_url: Url | None = Field(None, examples=["https://aurora.immersio.com"])
    api_key: Secret | None = Field(None, repr=False, examples=["key-example"])
    api_secret: Secret | None = Field(None, repr=False, examples=["secret-example"])
    webhook_secret: Secret | None = Field(None, repr=False, examples=["hook-secret-example"])
    enabled: bool = Field(
        default=True, strict=True, description="Whether courses, students and bookings are synchronised"
    )


class ImmersioSettingsView(Document):
    api_url: str | None = None
    has_api_key: bool
    has_api_secret: bool
    has_webhook_secret: bool
    enabled: bool
    webhook_url: str | None = Field(None, description="To be entered at Immersio")
    health: SchoolHealth | None = None


class HintBody(BaseModel):
    """What has changed; members that are not named here are passed over."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["course.updated"])


class ImmersioConnection(Document):
    connected: Literal[True] = True


class NewSync(Document):
    """What is to be synchronised now; everything when nothing is said."""

    streams: list[StreamName] = Field(["courses", "students", "bookings"], min_length=1, max_length=3)
    accept_removals: bool = Field(
        default=False,
        strict=True,
        description="Let the next look over everything mark as gone what was held back",
    )


class SyncRequested(Document):
    streams: list[StreamName] = Field(description="Which workers look at within a minute or two")


class Redriven(Document):
    bookings: int = Field(description="That were given up and are tried again")


class SyncLogQuery(Document):
    cursor: IdInQuery | None = None
    limit: int = Field(50, ge=1, le=100)
    sync_type: SyncType | None = None
    status: Literal["SUCCESS", "FAILED"] | None = None


class SyncLogEntry(Document):
    id: int
    sync_type: SyncType
    direction: Literal["PULL", "PUSH"]
    resource_id: str
    status: str
    error_code: str | None = None
    error_message: str | None = None
    retry_count: int
    synced_at: datetime
    action: str | None = None


class SyncLogList(Document):
    logs: list[SyncLogEntry]
    next_cursor: int | None = None
