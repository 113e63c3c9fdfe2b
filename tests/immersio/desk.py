"""An admin at the desk of a school, where Immersio is concerned."""

from dataclasses import dataclass, replace
from typing import Any

from tests.functions import Answer, Api

PATH = "/v1/admin/immersio"


@dataclass(frozen=True)
class Desk:
    """Somebody of the staff, by their address."""

    api: Api
    email: str

    def get(self, path: str) -> Answer:
        return self.api.get(f"{PATH}/{path}", claims={"email": self.email})

    def put(self, **settings: Any) -> Answer:
        return self.api.put(f"{PATH}/settings", settings, claims={"email": self.email})

    def post(self, path: str, body: Any = None) -> Answer:
        return self.api.post(f"{PATH}/{path}", {} if body is None else body, claims={"email": self.email})

    def named(self, email: str) -> "Desk":
        return replace(self, email=email)
