"""The operations of the platform's own people: about all schools."""

from typing import Any

from shared.errors import InvalidRequest
from shared.openapi.operation import OF_SUPER_ADMINS, Operation
from shared.staff.schemas import Role
from shared.tenants.schemas import TenantList, TenantsQuery

SUPER_ADMINS: frozenset[Role] = frozenset({"SUPER_ADMIN"})

AURORA: dict[str, Any] = {
    "id": 2,
    "name": "Aurora",
    "subdomain": "aurora",
    "plan": "STARTER",
    "status": "ACTIVE",
    "limits": {"maxTeachers": 3, "maxBookingsPerMonth": 200, "maxEventTypes": 10},
    "features": ["whitelist", "workshops"],
    "createdAt": "2026-11-22T09:15:00Z",
    "updatedAt": "2026-11-22T09:15:00Z",
}

OF_TENANTS = (
    Operation("GET", "/v1/platform/tenants", "listTenants", "All schools", "Platform", TenantList,
              query=TenantsQuery, security="StaffToken", roles=SUPER_ADMINS,
              problems=(*OF_SUPER_ADMINS, InvalidRequest), example={"tenants": [AURORA]}),
)  # fmt: skip
