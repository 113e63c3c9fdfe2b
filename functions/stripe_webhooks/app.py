"""What Stripe tells a school: verified, kept once, answered. The event worker does the rest."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response

from shared.clients.sealing import Sealer
from shared.config import Settings
from shared.database import connect_database, in_tenant
from shared.edge.http import answer_document, http_app, http_handler
from shared.edge.requests import raw_body
from shared.errors import RequestTooLarge
from shared.payments.receive_webhook import Delivery, of_stripe_endpoint, receive_webhook
from shared.telemetry import logger

# An event describes one object and stays far below; no stranger makes us hash more than this.
LARGEST_EVENT = 256 * 1024


class StripeWebhooksSettings(Settings):
    database_url: str
    tenant_secrets_key_id: str


settings = StripeWebhooksSettings.from_environment()
database = connect_database(settings.database_url)
sealer = Sealer(settings.tenant_secrets_key_id)
app = http_app()


@app.post("/v1/webhooks/stripe/<endpoint_id>")
def receive(endpoint_id: str) -> Response[Any]:
    delivery = _delivery()
    receipt = in_tenant(
        database,
        of_stripe_endpoint(endpoint_id),
        lambda connection: receive_webhook(connection, sealer, delivery),
    )
    logger.info(
        "kept" if receipt.is_new else "known already",
        tenant_id=receipt.tenant_id,
        event_id=receipt.event_id,
        event_type=receipt.type,
    )
    return answer_document({"received": True})


def _delivery() -> Delivery:
    body = raw_body(app)
    if len(body) > LARGEST_EVENT:
        raise RequestTooLarge(limitBytes=LARGEST_EVENT)
    return Delivery(body, app.current_event.headers.get("stripe-signature"), datetime.now(UTC))


handler = http_handler(app)
