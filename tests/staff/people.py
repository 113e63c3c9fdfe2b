"""Somebody of the staff at their desk, and what the database says was done."""

import json
from dataclasses import dataclass, replace
from typing import Any

from tests.databases import TestDatabase
from tests.functions import Answer, Api


@dataclass(frozen=True)
class Person:
    """Calls the staff API; paths are those below /v1/admin."""

    api: Api
    email: str

    def named(self, email: str) -> "Person":
        return replace(self, email=email)

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Answer:
        return self.ask(
            "POST", path, {} if body is None else body, **({"idempotency-key": key} if key else {})
        )

    def patch(self, path: str, body: Any, *, match: str | None = None) -> Answer:
        return self.ask("PATCH", path, body, **({"if-match": match} if match else {}))

    def put(self, path: str, body: Any, *, match: str | None = None) -> Answer:
        return self.ask("PUT", path, body, **({"if-match": match} if match else {}))

    def delete(self, path: str, *, match: str | None = None) -> Answer:
        return self.ask("DELETE", path, **({"if-match": match} if match else {}))

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        return self.api.request(
            method,
            f"/v1/admin{path}",
            body=None if body is None else json.dumps(body),
            headers=headers,
            claims={"email": self.email, "email_verified": "true"},
        )


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.code


def audited(database: TestDatabase) -> list[tuple[str, str, str]]:
    """Action, subject's type and id, of everything that was noted."""
    rows = database.rows(
        'SELECT action, "subjectType" AS type, "subjectId" AS id FROM "AuditEvent" ORDER BY id'
    )
    return [(row["action"], row["type"], row["id"]) for row in rows]


def last_changes(database: TestDatabase) -> Any:
    return database.value('SELECT changes FROM "AuditEvent" ORDER BY id DESC LIMIT 1')
