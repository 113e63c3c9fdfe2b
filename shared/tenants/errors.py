"""What may be wrong with a school as a whole."""

from shared.errors import Problem


class TenantNotFound(Problem):
    status, code, title = 404, "tenant_not_found", "No school lives at this address"


class TenantSuspended(Problem):
    status, code, title = 403, "tenant_suspended", "This school takes no bookings at the moment"


class TenantCancelled(Problem):
    status, code, title = 409, "tenant_cancelled", "This school has been cancelled; resume it first"


class SubdomainTaken(Problem):
    status, code, title = 409, "subdomain_taken", "This subdomain is another school's, or reserved"


class PlanLimitReached(Problem):
    """`limit` names the column that limits; `used` and `allowed` are counts; `renewsAt` an instant."""

    status, code, title = 403, "plan_limit_reached", "The school has used up what its plan allows"
