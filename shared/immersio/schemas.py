"""What is asked of the sync, and what a course and a student are to us."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from shared.clients.immersio import ExternalId, encodable
from shared.fields import Document, EmailAddress, Id, Name
from shared.immersio.names import whole_name

StreamName = Literal["courses", "students", "bookings"]

_NEITHER_TEXT_NOR_BREAK = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NOT_PLAIN = re.compile(r"[^!-~]")
_LOCALE = re.compile(r"[a-z]{2}(-[A-Z]{2})?")


class SyncTask(Document):
    """One message: look at one stream of one school."""

    tenant_id: Id
    stream: StreamName = "courses"


def _written(text: str) -> str:
    if _NEITHER_TEXT_NOR_BREAK.search(text):
        raise ValueError("must not hold control characters")
    return encodable(text)


def _instant(told: Any) -> Any:
    """Pydantic would also take a number of seconds, or a date."""
    if not isinstance(told, str) or "T" not in told:
        raise ValueError("must be an RFC 3339 time")
    return datetime.fromisoformat(told)


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)

    id: ExternalId
    status: Literal["active", "tobedeleted"]

    @property
    def is_deleted(self) -> bool:
        return self.status == "tobedeleted"


class Course(_Row):
    """What we take of Immersio's course. `version` grows with every change of it."""

    title: Annotated[Name, AfterValidator(encodable)]
    description: (
        Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000), AfterValidator(_written)]
        | None
    ) = None
    version: Annotated[int, Field(ge=0, lt=1 << 31)]


class Student(_Row):
    """What we take of Immersio's student. Times are compared as the database keeps them, by milliseconds."""

    updated_at: Annotated[AwareDatetime, BeforeValidator(_instant)]
    email: Annotated[EmailAddress, AfterValidator(encodable)]
    given_name: Annotated[Name, AfterValidator(encodable)]
    family_name: Annotated[Name, AfterValidator(encodable)] | Literal[""] | None = None
    locale: str | None = None

    @property
    def name(self) -> str:
        """As it is written in the student's language."""
        return whole_name(self.given_name, self.family_name or "", self.locale or "")

    @property
    def spoken(self) -> str | None:
        return self.locale if self.locale and _LOCALE.fullmatch(self.locale) else None


class Gone(_Row):
    """A tombstone: of a student who is deleted nothing else has to be there."""

    updated_at: Annotated[AwareDatetime, BeforeValidator(_instant)]


def plain_id(row: Any) -> str:
    """An id to show for a row that is none of ours."""
    told = row.get("id") if isinstance(row, dict) else None
    return _NOT_PLAIN.sub("?", str(told))[:64] if told else "unknown"
