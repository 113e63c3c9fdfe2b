"""How somebody of the staff is told who they are."""

from typing import Literal

from pydantic import Field

from shared.fields import Document

Role = Literal["TEACHER", "TENANT_ADMIN", "SUPER_ADMIN"]
ADMINS: frozenset[Role] = frozenset({"TENANT_ADMIN", "SUPER_ADMIN"})
STAFF: frozenset[Role] = ADMINS | {"TEACHER"}


class SchoolView(Document):
    id: int
    name: str
    subdomain: str
    plan: str
    status: str


class StaffView(Document):
    id: int
    name: str | None = Field(None, description="Absent for a super admin at somebody's school")
    email: str
    role: Role
    tenant: SchoolView
