"""The operations of the platform's own people, about all schools, and what a school is told of its plan."""

from typing import Any

from pydantic import BaseModel

from shared.errors import (
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    InvalidRequest,
    NotFound,
    PreconditionFailed,
    Problem,
)
from shared.openapi.operation import OF_STAFF, OF_SUPER_ADMINS, WITH_A_BODY, Operation
from shared.staff.errors import EmailTaken
from shared.staff.schemas import Role
from shared.tenants.errors import SubdomainTaken, TenantCancelled, TenantNotFound
from shared.tenants.schemas import (
    Cancelling,
    NewTenant,
    Suspension,
    TenantChanges,
    TenantList,
    TenantsQuery,
    TenantView,
)
from shared.usage.schemas import UsageQuery, UsageView

SUPER_ADMINS: frozenset[Role] = frozenset({"SUPER_ADMIN"})
OF_ONE: tuple[type[Problem], ...] = (*OF_SUPER_ADMINS, NotFound, TenantNotFound)

AURORA: dict[str, Any] = {
    "id": 2,
    "name": "Aurora",
    "subdomain": "aurora",
    "plan": "STARTER",
    "status": "ACTIVE",
    "limits": {"maxTeachers": 3, "maxBookingsPerMonth": 200, "maxEventTypes": 10},
    "features": ["whitelist", "workshops"],
    "featureOverrides": {},
    "createdAt": "2026-11-22T09:15:00Z",
    "updatedAt": "2026-11-22T09:15:00Z",
}
SUSPENDED = AURORA | {
    "status": "SUSPENDED",
    "statusReason": "Two invoices are not paid",
    "statusChangedAt": "2026-11-23T10:00:00Z",
    "updatedAt": "2026-11-23T10:00:00Z",
}
GROWN = AURORA | {
    "plan": "GROWTH",
    "limits": {"maxTeachers": 12, "maxBookingsPerMonth": 1000, "maxEventTypes": 50},
    "features": ["customDomain", "immersioSync", "landingTemplates", "whitelist", "workshops"],
    "featureOverrides": {"customDomain": True},
}


def _change(
    change: str, name: str, summary: str, example: Any, body: type[BaseModel] | None, *more: type[Problem]
) -> Operation:
    """Of the school's status."""
    bodies = WITH_A_BODY if body else ()
    return Operation("POST", f"/v1/platform/tenants/{{id}}/{change}", name, summary, "Platform", TenantView,
                     body=body, body_is_optional=body is Cancelling, security="StaffToken",
                     roles=SUPER_ADMINS, tagged=True, example=example,
                     problems=(*OF_ONE, *bodies, PreconditionFailed, *more))  # fmt: skip


USAGE: dict[str, Any] = {
    "plan": "STARTER",
    "features": ["whitelist", "workshops"],
    "month": "2026-11",
    "renewsAt": "2026-12-01T00:00:00Z",
    "bookings": {"used": 164, "allowed": 200, "percent": 82},
    "teachers": {"used": 2, "allowed": 3, "percent": 66},
    "eventTypes": {"used": 4, "allowed": 10, "percent": 40},
    "history": [{"month": "2026-10", "bookings": 143, "teachers": 2, "eventTypes": 4}],
}

OF_USAGE = (
    Operation("GET", "/v1/admin/usage", "getUsage", "What the school uses of its plan", "Usage", UsageView,
              query=UsageQuery, security="StaffToken", problems=(*OF_STAFF, InvalidRequest), example=USAGE),
)  # fmt: skip
OF_TENANTS = (
    Operation("GET", "/v1/platform/tenants", "listTenants", "All schools", "Platform", TenantList,
              query=TenantsQuery, security="StaffToken", roles=SUPER_ADMINS,
              problems=(*OF_SUPER_ADMINS, InvalidRequest), example={"tenants": [AURORA]}),
    Operation("POST", "/v1/platform/tenants", "createTenant", "Take in a school; its admin is invited",
              "Platform", TenantView, status=201, body=NewTenant, security="StaffToken", roles=SUPER_ADMINS,
              idempotent=True, example=AURORA,
              problems=(*OF_SUPER_ADMINS, *WITH_A_BODY, SubdomainTaken, EmailTaken, IdempotencyKeyInUse,
                        IdempotencyKeyReused)),
    Operation("GET", "/v1/platform/tenants/{id}", "getTenant", "One school", "Platform", TenantView,
              security="StaffToken", roles=SUPER_ADMINS, tagged=True, problems=OF_ONE, example=AURORA),
    Operation("PATCH", "/v1/platform/tenants/{id}", "changeTenant",
              "Change a school's name, plan, limits or features", "Platform", TenantView, body=TenantChanges,
              security="StaffToken", roles=SUPER_ADMINS, tagged=True,
              problems=(*OF_ONE, *WITH_A_BODY, PreconditionFailed), example=GROWN),
    Operation("GET", "/v1/platform/tenants/{id}/usage", "getTenantUsage", "What a school uses of its plan",
              "Platform", UsageView, query=UsageQuery, security="StaffToken", roles=SUPER_ADMINS,
              problems=(*OF_ONE, InvalidRequest), example=USAGE),
    _change("suspend", "suspendTenant", "Let a school take no more bookings", SUSPENDED, Suspension,
            TenantCancelled),
    _change("resume", "resumeTenant", "Let a school go on", AURORA, None),
    _change("cancel", "cancelTenant", "End a school's subscription; nothing of it is deleted",
            SUSPENDED | {"status": "CANCELLED"}, Cancelling),
)  # fmt: skip
