"""How the trail of an administration is asked for and told."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from shared.fields import Document, IdInQuery, Instant

Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z.]{0,59}$")]
SubjectId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9/_-]{1,80}$")]
AuditCursor = Annotated[int, Field(ge=1, lt=1 << 63)]


class AuditQuery(Document):
    """All filters must hold; the newest come first."""

    limit: int = Field(50, ge=1, le=100)
    cursor: AuditCursor | None = Field(None, description="`nextCursor` of the page before")
    subject_type: Word | None = Field(None, examples=["eventType"])
    subject_id: SubjectId | None = Field(None, examples=["1"])
    actor_id: IdInQuery | None = None
    action: Word | None = Field(None, examples=["eventType.updated"])
    since: Instant | None = Field(None, alias="from", examples=["2026-11-01T00:00:00Z"])
    until: Instant | None = Field(None, alias="to")


class AuditEventView(Document):
    """Who did what to what; of people and of keys it is told that they changed, and not what they are."""

    id: int
    at: datetime
    actor: Literal["STAFF", "SUPER_ADMIN", "SYSTEM"]
    actor_id: int | None = None
    actor_name: str | None = Field(None, description="As it is now; absent for who is of elsewhere")
    action: str
    subject_type: str
    subject_id: str
    changes: dict[str, Any] | None = None


class AuditTrail(Document):
    events: list[AuditEventView]
    next_cursor: str | None = None
