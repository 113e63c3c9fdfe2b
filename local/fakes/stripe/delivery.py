"""Stripe's sender of webhooks: signs each attempt anew, and tries again when the answer is not 2xx."""

import hmac
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import SplitResult, urlsplit

ANSWER_SECONDS = 20.0


@dataclass(frozen=True)
class Endpoint:
    """Who is told; with two secrets each attempt carries two signatures, as while a secret is rolled.

    `connect`: of what happens in connected accounts, and of nothing else.
    """

    id: str
    url: str
    secrets: tuple[str, ...]
    connect: bool = False


@dataclass(frozen=True)
class Attempt:
    """One try; `status` is None when nobody answered. `at` in seconds since the epoch."""

    event_id: str
    type: str
    endpoint_id: str
    number: int
    at: int
    status: int | None

    @property
    def succeeded(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    def document(self) -> dict[str, Any]:
        told = asdict(self)
        return {
            "eventId": told.pop("event_id"),
            "endpointId": told.pop("endpoint_id"),
            **told,
            "succeeded": self.succeeded,
        }


def local_address(url: str) -> SplitResult:
    """The parts of a URL on this machine. ValueError for any other: a fake tells nobody outside."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "http" or not parts.port:
        raise ValueError("must be http with a port")
    if host not in ("127.0.0.1", "localhost") and not host.endswith(".localhost"):
        raise ValueError("must be on this machine")
    return parts


def deliver(endpoint: Endpoint, event: dict[str, Any], waits: Sequence[float]) -> list[Attempt]:
    """Tell `endpoint` until it answers 2xx, once and then after each of `waits` (seconds)."""
    body = json.dumps(event, indent=2).encode()
    attempts: list[Attempt] = []
    for number, wait in enumerate((0.0, *waits), start=1):
        time.sleep(wait)
        at = int(time.time())
        status = post(endpoint.url, body, signature_header(endpoint.secrets, body, at))
        attempts.append(Attempt(event["id"], event["type"], endpoint.id, number, at, status))
        if attempts[-1].succeeded:
            break
    return attempts


def signature_header(secrets: Sequence[str], body: bytes, at: int) -> str:
    """The header Stripe-Signature of `body` sent at `at`, with one signature a secret."""
    signed = str(at).encode() + b"." + body
    digests = (hmac.new(secret.encode(), signed, "sha256").hexdigest() for secret in secrets)
    return ",".join([f"t={at}", *(f"v1={digest}" for digest in digests)])


def post(url: str, body: bytes, signature: str) -> int | None:
    """The status of the answer, without following redirects: to Stripe they are failures."""
    parts = local_address(url)
    # Names below .localhost do not resolve on every machine; all of them are this address.
    connection = HTTPConnection("127.0.0.1", parts.port, timeout=ANSWER_SECONDS)
    headers = {
        "Host": parts.netloc,
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Stripe-Signature": signature,
    }
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", path or "/", body, headers)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
