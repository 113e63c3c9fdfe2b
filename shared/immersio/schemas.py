"""What is asked of the sync, and what a course is to us."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from shared.clients.immersio import encodable
from shared.fields import Document, Id, Name

_NEITHER_TEXT_NOR_BREAK = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NOT_PLAIN = re.compile(r"[^!-~]")


class SyncTask(Document):
    """One message: pull one stream of one school."""

    tenant_id: Id
    stream: Literal["courses"] = "courses"


def _written(text: str) -> str:
    if _NEITHER_TEXT_NOR_BREAK.search(text):
        raise ValueError("must not hold control characters")
    return encodable(text)


class Course(BaseModel):
    """What we take of Immersio's course. `version` grows with every change of it."""

    model_config = ConfigDict(frozen=True, strict=True)

    id: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}$")]
    status: Literal["active", "tobedeleted"]
    title: Annotated[Name, AfterValidator(encodable)]
    description: (
        Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000), AfterValidator(_written)]
        | None
    ) = None
    version: Annotated[int, Field(ge=0, lt=1 << 31)]

    @property
    def is_deleted(self) -> bool:
        return self.status == "tobedeleted"


def plain_id(row: Any) -> str:
    """An id to show for a row that is no course."""
    told = row.get("id") if isinstance(row, dict) else None
    return _NOT_PLAIN.sub("?", str(told))[:64] if told else "unknown"
