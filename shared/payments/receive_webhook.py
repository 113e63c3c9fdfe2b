"""Stripe tells a school something: it is verified and kept once. What follows from it is another's work."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from shared.clients.sealing import Sealer
from shared.database import CURRENT_TENANT, opening
from shared.one_flush import Statement
from shared.payments.errors import SignatureInvalid, WebhookEndpointNotFound
from shared.payments.stripe_event import StripeEvent, read_event
from shared.payments.stripe_signature import check_signature
from shared.payments.webhook_secrets import open_webhook_secrets

_ENDPOINT_ID = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)

_SCHOOL_OF_TENANT = """
    SELECT t.id, t."stripeWebhookSecret" AS sealed FROM "Tenant" t
    WHERE t.id = {tenant}
"""
_SCHOOL = text(_SCHOOL_OF_TENANT.format(tenant=CURRENT_TENANT))

# The key is (tenant, provider, event): a row that is in the way is always one that this tenant sees.
_KEEP = text("""
    INSERT INTO "WebhookEvent" ("tenantId", provider, "eventId", type, payload, "receivedAt")
    VALUES (:tenant, 'STRIPE', :event_id, :type, CAST(:document AS jsonb),
            to_timestamp(:now) AT TIME ZONE 'UTC')
    ON CONFLICT DO NOTHING
""")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request of Stripe's: the body as it came, its header Stripe-Signature, and when it came."""

    body: bytes
    signature: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What may be logged of an event; `is_new` is false when it had been kept before."""

    tenant_id: int
    event_id: str
    type: str
    is_new: bool


def of_stripe_endpoint(endpoint_id: str) -> Statement:
    """Opens a transaction that sees the rows of the school that listens there, or none.

    Raises WebhookEndpointNotFound for what cannot be an id of ours.
    """
    if not _ENDPOINT_ID.fullmatch(endpoint_id):
        raise WebhookEndpointNotFound
    return opening("tenant_id_of_endpoint($1, 'STRIPE')", endpoint_id)


def receive_webhook(connection: Connection, sealer: Sealer, delivery: Delivery) -> Receipt:
    """Keep the event for the school that the transaction sees; a suspended one is still told.

    Raises WebhookEndpointNotFound, SignatureInvalid, EventUnreadable, SealBroken, Busy. Two statements.
    When the sealer does not remember the secret it asks KMS inside the transaction, which has locked
    nothing by then: a second transaction would cost every event what the first one of a process pays.
    """
    school = connection.execute(_SCHOOL).one_or_none()
    if school is None:
        raise WebhookEndpointNotFound
    if school.sealed is None:
        raise SignatureInvalid
    secrets = open_webhook_secrets(sealer, school.id, school.sealed, delivery.at)
    check_signature(delivery.signature, delivery.body, secrets, delivery.at)
    return _keep(connection, school.id, read_event(delivery.body), delivery.at)


def _keep(connection: Connection, tenant_id: int, event: StripeEvent, now: datetime) -> Receipt:
    values: dict[str, Any] = {
        "tenant": tenant_id,
        "event_id": event.id,
        "type": event.type,
        "document": event.document,
        "now": now.timestamp(),
    }
    added = connection.execute(_KEEP, values).rowcount
    return Receipt(tenant_id, event.id, event.type, is_new=added == 1)
