"""How a school's own domain is asked for and told."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from shared.fields import Document

CHALLENGE_LABEL = "_booking-challenge"

_HOST_NAME = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$"


def _in_lower_case(name: Any) -> Any:
    return name.lower() if isinstance(name, str) else name


# The challenge's name has to fit into the 253 characters of a name too.
DomainName = Annotated[
    str, StringConstraints(pattern=_HOST_NAME, max_length=230), BeforeValidator(_in_lower_case)
]


class NewDomain(Document):
    domain: DomainName = Field(
        description="A host name; letters beyond ASCII as `xn--…`", examples=["lessons.aurora.example"]
    )


class DnsRecord(Document):
    name: str
    type: Literal["TXT"] = "TXT"
    value: str


class DomainReleased(Document):
    domain: str | None = Field(None, description="Absent where there was none")


class DomainView(Document):
    """Only an ACTIVE one leads to the school; `record` has to stay in DNS."""

    domain: str
    status: Literal["PENDING", "ACTIVE"]
    record: DnsRecord
    created_at: datetime
    verified_at: datetime | None = None
    missing_since: datetime | None = Field(
        None, description="Since when the record is gone; after a week the domain is released"
    )
