"""A super admin at the platform's desk."""

from dataclasses import dataclass
from typing import Any

from tests.databases import TestDatabase
from tests.functions import Answer, Api

ROOT = "root@platform.test"
TENANTS = "/v1/platform/tenants"

NEW = {
    "name": "Lotus",
    "subdomain": "lotus",
    "plan": "STARTER",
    "locale": "vi",
    "admin": {"name": "Lan Pham", "email": "Lan@Lotus.Example", "timeZone": "Asia/Ho_Chi_Minh"},
}


@dataclass(frozen=True)
class Root:
    """Calls as a super admin; answers of `changed` must be 200."""

    api: Api

    def get(self, path: str = "", **options: Any) -> Answer:
        return self.api.get(f"{TENANTS}{path}", claims={"email": ROOT}, **options)

    def post(self, path: str = "", body: Any = None, **options: Any) -> Answer:
        return self.api.post(f"{TENANTS}{path}", body or {}, claims={"email": ROOT}, **options)

    def patch(self, tenant: int, body: Any, **options: Any) -> Answer:
        return self.api.patch(f"{TENANTS}/{tenant}", body, claims={"email": ROOT}, **options)

    def suspend(self, tenant: int, **options: Any) -> Answer:
        return self.post(f"/{tenant}/suspend", {"reason": "Unpaid"}, **options)


def made_root(database: TestDatabase) -> int:
    """The id of a super admin, who is made."""
    return int(
        database.value(
            """INSERT INTO users (email, name, "tenantId", "tenantRole", uuid)
               SELECT :email, 'Root', id, 'SUPER_ADMIN', gen_random_uuid()
               FROM "Tenant" WHERE subdomain = 'default' RETURNING id""",
            email=ROOT,
        )
    )


def audit(database: TestDatabase, tenant: int) -> list[tuple[str, str, int | None, Any]]:
    """Actor's kind, action, actor's id and changes, in order."""
    rows = database.rows('SELECT * FROM "AuditEvent" WHERE "tenantId" = :t ORDER BY id', t=tenant)
    return [(row["actor"], row["action"], row["actorId"], row["changes"]) for row in rows]
