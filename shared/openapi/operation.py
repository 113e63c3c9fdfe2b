"""What the document says of an operation, and the problems that many of them have in common."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from shared.errors import (
    Busy,
    Forbidden,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    InvalidRequest,
    MalformedRequest,
    NotFound,
    PreconditionFailed,
    Problem,
    RequestTooLarge,
    TooManyRequests,
    UnsupportedMediaType,
)
from shared.staff.schemas import ADMINS, Role
from shared.tenants.errors import TenantNotFound, TenantSuspended

OF_A_SCHOOL: tuple[type[Problem], ...] = (TenantNotFound, TenantSuspended, Busy)
WITH_A_BODY: tuple[type[Problem], ...] = (
    MalformedRequest,
    InvalidRequest,
    RequestTooLarge,
    TooManyRequests,
    UnsupportedMediaType,
)
OF_STAFF: tuple[type[Problem], ...] = (Forbidden, TenantNotFound, Busy)
OF_CHANGES_BY_STAFF: tuple[type[Problem], ...] = (*OF_STAFF, *WITH_A_BODY, TenantSuspended)
ONCE: tuple[type[Problem], ...] = (IdempotencyKeyInUse, IdempotencyKeyReused)
OF_SUPER_ADMINS: tuple[type[Problem], ...] = (Forbidden, Busy)


@dataclass(frozen=True)
class Operation:
    """One path and method. `answer` is None where the body is no document of ours (`media_type` says)."""

    method: str
    path: str
    name: str
    summary: str
    tag: str
    answer: type[BaseModel] | None
    status: int = 200
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    problems: tuple[type[Problem], ...] = ()
    security: str | None = None
    idempotent: bool = False
    media_type: str = "application/json"
    # What it can be asked for instead.
    other_media_types: tuple[str, ...] = ()
    body_is_optional: bool = False
    # Of the same answer, as when there was nothing to make.
    other_statuses: tuple[int, ...] = ()
    example: Any = None
    # Of the staff; other roles are refused.
    roles: frozenset[Role] = ADMINS
    # The answer has an ETag.
    tagged: bool = False

    @property
    def told_problems(self) -> tuple[type[Problem], ...]:
        """All of them: whoever guesses at tokens is told to wait, and some texts name no path at all."""
        guessed = (TooManyRequests,) if self.security == "ManageToken" else ()
        unnamed = (NotFound,) if "{" in self.path else ()
        return (*self.problems, *guessed, *unnamed)

    @property
    def conditional(self) -> bool:
        """Whether If-Match is looked at."""
        return PreconditionFailed in self.problems

    @property
    def of_a_school(self) -> bool:
        """Whether the request names a school, by its host or by the header."""
        return not self.of_the_platform and (
            TenantNotFound in self.problems or self.security == "ManageToken"
        )

    @property
    def of_the_platform(self) -> bool:
        """Whether it is about all schools; one of them is named by its id in the path."""
        return self.path.startswith("/v1/platform/")
