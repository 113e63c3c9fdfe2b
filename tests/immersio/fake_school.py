"""A school at the fake Immersio, driven through the control plane as anybody would."""

import json
from dataclasses import dataclass
from typing import Any

import httpx

from shared.clients.immersio import HttpImmersio
from shared.clients.public_hosts import HostRule

ON_THIS_MACHINE = HostRule((".immersio.com",), allow_loopback=True)


@dataclass
class FakeSchool:
    """Its address and keys, and what happens there."""

    url: str
    api_key: str
    api_secret: str

    def register(self, *, previous_secret: str | None = None) -> None:
        self._tell(
            "POST",
            "schools",
            {"apiKey": self.api_key, "apiSecret": self.api_secret, "previousSecret": previous_secret},
        )

    def put(self, *courses: dict[str, Any]) -> None:
        self._tell("PUT", "courses", {"apiKey": self.api_key, "courses": courses})

    def put_students(self, *students: dict[str, Any]) -> None:
        self._tell("PUT", "students", {"apiKey": self.api_key, "students": students})

    def limit(self, calls_a_minute: int) -> None:
        self._tell("POST", "limits", {"callsAMinute": calls_a_minute})

    def put_numbered(self, count: int) -> None:
        """Courses c1, c2 … with titles of their own."""
        self.put(*({"id": f"c{n}", "title": f"Course {n}"} for n in range(1, count + 1)))

    def delete(self, course_id: str) -> None:
        self.put({"id": course_id, "status": "tobedeleted"})

    def fault(self, kind: str, **details: Any) -> None:
        self._tell("POST", "faults", [{"kind": kind, "apiKey": self.api_key, **details}])

    @property
    def rows(self) -> dict[str, Any]:
        """All that is there, and the writes that had an effect."""
        return dict(self._tell("GET", f"schools/{self.api_key}"))

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The signed calls that came through."""
        seen: list[dict[str, Any]] = self._tell("GET", f"schools/{self.api_key}")["requests"]
        return seen

    def client(self, kind: type[HttpImmersio] = HttpImmersio, **options: Any) -> HttpImmersio:
        settings = {"url": self.url, "api_key": self.api_key, "api_secret": self.api_secret, **options}
        return kind(**{"rule": ON_THIS_MACHINE, **settings})

    def _tell(self, method: str, path: str, document: Any = None) -> Any:
        # Not httpx's own JSON, which refuses the half characters that a client has to survive.
        content = None if document is None else json.dumps(document)
        answer = httpx.request(
            method,
            f"{self.url}/_control/{path}",
            content=content,
            headers={"Content-Type": "application/json"},
            trust_env=False,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()
