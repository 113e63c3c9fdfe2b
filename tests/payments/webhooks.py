"""Webhooks as Stripe posts them, and what became of them."""

import base64
import json
import time
import uuid
from dataclasses import dataclass
from typing import Any

from local.fakes.stripe.delivery import signature_header
from shared.clients.sealing import Sealer
from shared.payments.webhook_secrets import seal_webhook_secrets
from tests.databases import TestDatabase
from tests.functions import Answer, LoadedFunction, http_event
from tests.schools import School

SECRET = "whsec_current"
PATH = "/v1/webhooks/stripe/"


def event(**members: Any) -> dict[str, Any]:
    """A payment that succeeded; `members` replace those of the event."""
    intent = {"id": "pi_1", "object": "payment_intent", "amount": 1500, "currency": "eur"}
    return {
        "id": "evt_1",
        "object": "event",
        "type": "payment_intent.succeeded",
        "livemode": False,
        "created": 1795348800,
        "data": {"object": intent},
        **members,
    }


def body_of(document: Any) -> bytes:
    return json.dumps(document).encode()


def signed(body: bytes, *secrets: str, seconds_from_now: int = 0) -> str:
    return signature_header(secrets or [SECRET], body, int(time.time()) + seconds_from_now)


def stripe_post(endpoint_id: str, body: bytes, signature: str | None) -> dict[str, Any]:
    """The event of API Gateway; the body in base64, so that it may hold any bytes."""
    headers = {"content-type": "application/json; charset=utf-8"}
    if signature is not None:
        headers["stripe-signature"] = signature
    posted = http_event("POST", PATH + endpoint_id, body="", headers=headers, host="api.booking.test")
    return {**posted, "body": base64.b64encode(body).decode(), "isBase64Encoded": True}


def posted_to(function: LoadedFunction, endpoint_id: str, body: bytes, signature: str | None) -> Answer:
    told = function(stripe_post(endpoint_id, body, signature))
    headers = {name.lower(): str(value) for name, value in told["headers"].items()}
    return Answer(told["statusCode"], headers, told["body"])


@dataclass
class Webhooks:
    """The function, and the database that it writes to."""

    function: LoadedFunction
    database: TestDatabase
    sealer: Sealer

    def listen(self, school: School, *secrets: str, provider: str = "STRIPE") -> str:
        """Give `school` an endpoint with these secrets, current first; returns its id."""
        self.keep_secrets(school, *(secrets or [SECRET]))
        return str(
            self.database.value(
                'INSERT INTO "WebhookEndpoint" (id, "tenantId", provider) VALUES (:id, :t, :p) RETURNING id',
                id="we_" + uuid.uuid4().hex,
                t=school.id,
                p=provider,
            )
        )

    def keep_secrets(self, school: School, *secrets: str) -> None:
        sealed = seal_webhook_secrets(self.sealer, school.id, secrets)
        school.change("Tenant", school.id, stripeWebhookSecret=sealed)

    def post(self, endpoint_id: str, body: bytes, signature: str | None) -> Answer:
        return posted_to(self.function, endpoint_id, body, signature)

    def kept(self) -> list[dict[str, Any]]:
        """The events of all schools, in the order of their ids."""
        return self.database.rows(
            """SELECT "tenantId", provider, "eventId", type, payload, "handledAt" FROM "WebhookEvent"
               ORDER BY "tenantId", "eventId" """
        )
