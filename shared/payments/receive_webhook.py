"""Stripe tells a school something: it is verified and kept once. What follows from it is another's work."""

from dataclasses import dataclass
from datetime import datetime

from shared.clients.sealing import Sealer
from shared.one_flush import OneFlushConnection
from shared.payments.errors import SignatureInvalid, WebhookEndpointNotFound
from shared.payments.stripe_event import StripeEvent, read_event
from shared.payments.stripe_signature import check_signature
from shared.payments.webhook_secrets import open_webhook_secrets
from shared.tenant_scope import CURRENT_TENANT

_SCHOOL = f"""
    SELECT t.id, t."stripeWebhookSecret" FROM "Tenant" t WHERE t.id = {CURRENT_TENANT}
"""  # noqa: S608  # only the constant is put in

# The key is (tenant, provider, event): a row that is in the way is always one that this tenant sees.
_KEEP = """
    INSERT INTO "WebhookEvent" ("tenantId", provider, "eventId", type, payload, "receivedAt")
    VALUES ($1::int, 'STRIPE', $2, $3, $4::jsonb, to_timestamp($5::float8) AT TIME ZONE 'UTC')
    ON CONFLICT DO NOTHING
"""


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


def receive_webhook(connection: OneFlushConnection, sealer: Sealer, delivery: Delivery) -> Receipt:
    """Keep the event for the school that the transaction sees, and commit; a suspended one is still told.

    Raises WebhookEndpointNotFound, SignatureInvalid, EventUnreadable, SealBroken, Busy. Two round trips.
    When the sealer does not remember the secret it asks KMS inside the transaction, which has locked
    nothing by then: a second transaction would cost every event what the first one of a process pays.
    """
    schools = connection.run(_SCHOOL, ()).rows
    if not schools:
        raise WebhookEndpointNotFound
    tenant_id, sealed = schools[0]
    if sealed is None:
        raise SignatureInvalid
    secrets = open_webhook_secrets(sealer, tenant_id, sealed, delivery.at)
    check_signature(delivery.signature, delivery.body, secrets, delivery.at)
    return _keep(connection, tenant_id, read_event(delivery.body), delivery.at)


def _keep(connection: OneFlushConnection, tenant_id: int, event: StripeEvent, now: datetime) -> Receipt:
    values = (tenant_id, event.id, event.type, event.document, now.timestamp())
    kept = connection.run(_KEEP, values, last=True).row_count
    return Receipt(tenant_id, event.id, event.type, is_new=kept == 1)
