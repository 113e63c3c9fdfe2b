"""Who somebody is at a school: the role is what the database says, whatever a token says."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from shared.errors import Forbidden
from shared.staff.schemas import Role, SchoolView, StaffView
from shared.tenant_scope import CURRENT_TENANT
from shared.tenants.errors import TenantNotFound

# Students are left out by their role, which has an index that row-level security can use; lower() has
# none. A super admin counts as one only where the platform's own school says so.
_STAFF = """
    SELECT t.id AS tenant_id, t.name AS tenant_name, t.subdomain, t."subscriptionPlan" AS plan,
           t."subscriptionStatus" AS status, u.id, u.name, u."tenantRole" AS role,
           CASE WHEN u.id IS NULL OR u."tenantRole" = 'SUPER_ADMIN'
                THEN super_admin_id(CAST(:email AS text)) END AS super_admin_id
    FROM "Tenant" t
    LEFT JOIN users u ON u."tenantId" = t.id AND lower(u.email) = :email AND NOT u.locked
                     AND u."tenantRole" IN ('TEACHER', 'TENANT_ADMIN', 'SUPER_ADMIN')
    WHERE t.id = {tenant}
"""
STAFF = text(_STAFF.format(tenant=CURRENT_TENANT))


@dataclass(frozen=True, slots=True)
class StaffMember:
    """`at_home` is False for a super admin at a school that is not the platform's own."""

    id: int
    name: str | None
    email: str
    role: Role
    tenant: SchoolView
    at_home: bool = True

    @property
    def id_at_school(self) -> int | None:
        """The id that rows of this school may refer to."""
        return self.id if self.at_home else None

    @property
    def only_own(self) -> int | None:
        """Whose things they see; everybody's when None."""
        return self.id if self.role == "TEACHER" else None

    def view(self) -> StaffView:
        return StaffView(id=self.id, name=self.name, email=self.email, role=self.role, tenant=self.tenant)


def find_staff(connection: Connection, email: str) -> StaffMember:
    """The person with this address, in lower case, at the school of the transaction.

    Raises TenantNotFound, and Forbidden for a student, for somebody locked, and for somebody unknown.
    """
    row = connection.execute(STAFF, {"email": email}).one_or_none()
    if row is None:
        raise TenantNotFound
    tenant = SchoolView(
        id=row.tenant_id, name=row.tenant_name, subdomain=row.subdomain, plan=row.plan, status=row.status
    )
    if row.super_admin_id is not None:
        at_home = row.id == row.super_admin_id
        return StaffMember(row.super_admin_id, row.name, email, "SUPER_ADMIN", tenant, at_home)
    return StaffMember(_id_of_school_staff(row), row.name, email, row.role, tenant)


def _id_of_school_staff(row: Row[Any]) -> int:
    if row.id is None or row.role == "SUPER_ADMIN":
        raise Forbidden
    return int(row.id)
