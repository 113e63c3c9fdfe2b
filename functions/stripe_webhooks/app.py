"""What Stripe tells a school: verified, kept once, answered. The payment worker does the rest."""

from datetime import UTC, datetime
from typing import Any

from shared.clients.sealing import Sealer
from shared.edge.one_route import Event, header_of, one_route_handler, raw_body
from shared.environment import required
from shared.errors import RequestTooLarge
from shared.payments.receive_webhook import Delivery, receive_webhook
from shared.plain_database import PlainDatabase
from shared.telemetry import logger
from shared.tenants.webhook_endpoint import of_endpoint

# An event describes one object and stays far below; no stranger makes us hash more than this.
LARGEST_EVENT = 256 * 1024

database = PlainDatabase(required("DATABASE_URL"))
sealer = Sealer(required("TENANT_SECRETS_KEY_ID"))


def receive(event: Event) -> dict[str, Any]:
    delivery = _delivery(event)
    receipt = database.in_tenant(
        of_endpoint(event["rawPath"].rpartition("/")[2], "STRIPE"),
        lambda connection: receive_webhook(connection, sealer, delivery),
    )
    logger.info(
        "kept" if receipt.is_new else "known already",
        tenant_id=receipt.tenant_id,
        event_id=receipt.event_id,
        event_type=receipt.type,
    )
    return {"received": True}


def _delivery(event: Event) -> Delivery:
    body = raw_body(event)
    if len(body) > LARGEST_EVENT:
        raise RequestTooLarge(limitBytes=LARGEST_EVENT)
    return Delivery(body, header_of(event, "stripe-signature"), datetime.now(UTC))


handler = one_route_handler(receive)
