"""A school's dealings with the fake, and its payers'."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from local.fakes.stripe import stripe_app
from local.web import serving

KEY = "sk_test_shop"


@dataclass
class Shop:
    """Calls the API with `key` as forms, and the control plane with JSON."""

    http: httpx.Client
    key: str = KEY

    def call(self, method: str, path: str, form: Any = None, **headers: str) -> httpx.Response:
        """`form` is a dictionary of Stripe's flat names; `headers` with _ for -."""
        sent = {"Authorization": f"Bearer {self.key}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        told = {"params": form} if method == "GET" else {"data": form}
        return self.http.request(method, f"/v1/{path}", headers=sent, **told)

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        return self.good(self.call("GET", path, query))

    def post(self, path: str, form: Any = None, **headers: str) -> dict[str, Any]:
        return self.good(self.call("POST", path, form, **headers))

    def good(self, answer: httpx.Response) -> dict[str, Any]:
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def session(self, amount: int = 1500, currency: str = "eur", /, **more: Any) -> dict[str, Any]:
        return self.post("checkout/sessions", order(amount, currency, **more))

    def act(self, session: dict[str, Any], action: str, **more: str) -> httpx.Response:
        """Press a button of the session's page."""
        return self.http.post(session["url"], data={"action": action, **more})

    def paid(self, amount: int = 1500, currency: str = "eur", /, **more: Any) -> dict[str, Any]:
        """A session after its payment."""
        session = self.session(amount, currency, **more)
        assert self.act(session, "pay", email="ann@example.com").status_code == 303
        return self.get(f"checkout/sessions/{session['id']}")

    def debited(self) -> dict[str, Any]:
        session = self.session()
        assert self.act(session, "debit").status_code == 303
        return self.get(f"checkout/sessions/{session['id']}")

    def refunded(self, session: dict[str, Any], **more: Any) -> dict[str, Any]:
        return self.post("refunds", {"payment_intent": session["payment_intent"], **more})

    def control(self, path: str, body: Any = None) -> dict[str, Any]:
        answer = self.http.post(f"/_control/{path}", json=body if body is not None else {})
        assert answer.status_code in (200, 201), answer.text
        document: dict[str, Any] = answer.json()
        return document

    def state(self) -> dict[str, Any]:
        (account,) = self.http.get("/_control/state", params={"apiKey": self.key}).json()["accounts"]
        found: dict[str, Any] = account
        return found

    def events(self, *kinds: str) -> list[dict[str, Any]]:
        """What happened, oldest first; only of `kinds` if any are named."""
        told = self.get("events", limit=100)["data"]
        return [event for event in reversed(told) if not kinds or event["type"] in kinds]

    def kinds(self) -> list[str]:
        return [event["type"] for event in self.events()]

    def error(self, answer: httpx.Response) -> tuple[int, str | None, str | None]:
        """Status, code and param."""
        told = answer.json()["error"]
        assert told["message"]
        return answer.status_code, told.get("code"), told.get("param")


def order(amount: int = 1500, currency: str = "eur", /, **more: Any) -> dict[str, Any]:
    """The smallest order of a session; None takes a parameter out."""
    form = {
        "mode": "payment",
        "success_url": "http://aurora.localhost:8000/done?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://aurora.localhost:8000/again",
        "line_items[0][price_data][currency]": currency,
        "line_items[0][price_data][unit_amount]": amount,
        "line_items[0][price_data][product_data][name]": "English A2",
        "line_items[0][quantity]": 1,
        **more,
    }
    return {name: value for name, value in form.items() if value is not None}


def soon(seconds: int) -> int:
    return int(time.time()) + seconds


def told(received: bytes) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(received)
    return event


@contextmanager
def open_shop() -> Iterator[Shop]:
    with serving(stripe_app(retry_waits=[0.0]), threads=8) as url, httpx.Client(base_url=url) as client:
        yield Shop(client)
