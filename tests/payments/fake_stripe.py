"""What tests do at the fake Stripe: as payers, banks and the school do at the real one."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

KEY = "sk_test_aurora"


@dataclass
class StripeSide:
    """The fake, over HTTP. Its answers are Stripe's documents."""

    url: str

    def page(self, checkout_url: str, action: str, **more: str) -> httpx.Response:
        """Press a button of the page where people pay."""
        return httpx.post(checkout_url, data={"action": action, **more})

    def control(self, action: str, **body: Any) -> Any:
        answer = httpx.post(f"{self.url}/_control/{action}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def fault(self, kind: str, path: str = "/v1/*", **more: Any) -> None:
        self.control("faults", kind=kind, path=path, **more)

    def mend(self) -> None:
        httpx.delete(f"{self.url}/_control/faults")

    def state(self, key: str = KEY) -> dict[str, Any]:
        state: dict[str, Any] = httpx.get(f"{self.url}/_control/state", params={"apiKey": key}).json()
        (account,) = state["accounts"]
        return dict(account)

    def events(self, key: str = KEY) -> list[dict[str, Any]]:
        """What Stripe has to tell the school, the oldest first."""
        listed = httpx.get(
            f"{self.url}/v1/events", params={"limit": 100}, headers={"Authorization": f"Bearer {key}"}
        ).json()
        return list(reversed(listed["data"]))

    def calls(self) -> Any:
        return httpx.get(f"{self.url}/_control/calls").json()


def session_of(checkout_url: str) -> str:
    """The id of the session whose page it is."""
    return urlsplit(checkout_url).path.rpartition("/")[2]
