"""Who somebody is to the platform: a super admin, or nobody."""

from sqlalchemy import Connection, text

from shared.errors import Forbidden
from shared.staff.find_staff import StaffMember
from shared.staff.schemas import SchoolView

_SUPER_ADMIN = text("""
    SELECT t.id AS tenant_id, t.name AS tenant_name, t.subdomain, t."subscriptionPlan" AS plan,
           t."subscriptionStatus" AS status, u.id, u.name
    FROM users u JOIN "Tenant" t ON t.id = u."tenantId"
    WHERE u.id = super_admin_id(CAST(:email AS text))
""")


def find_super_admin(connection: Connection, email: str) -> StaffMember:
    """The super admin with this address, in lower case; `tenant` is the platform's own school.

    The connection is the platform's. Raises Forbidden for everybody else.
    """
    row = connection.execute(_SUPER_ADMIN, {"email": email}).one_or_none()
    if row is None:
        raise Forbidden
    home = SchoolView(
        id=row.tenant_id, name=row.tenant_name, subdomain=row.subdomain, plan=row.plan, status=row.status
    )
    return StaffMember(row.id, row.name, email, "SUPER_ADMIN", home)
