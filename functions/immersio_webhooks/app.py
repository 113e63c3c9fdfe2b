"""What Immersio tells a school: verified, and taken as a hint to look there soon."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response

from shared.clients.sealing import Sealer
from shared.config import Settings
from shared.database import connect_database, in_tenant
from shared.edge.http import answer_document, http_app, http_handler
from shared.edge.one_route import raw_body
from shared.errors import RequestTooLarge
from shared.immersio.receive_hint import Hint, receive_hint
from shared.telemetry import logger
from shared.tenants.webhook_endpoint import of_endpoint

# A hint says which row has changed; no stranger makes us hash more than this.
LARGEST_HINT = 64 * 1024


class ImmersioWebhooksSettings(Settings):
    database_url: str
    tenant_secrets_key_id: str


settings = ImmersioWebhooksSettings.from_environment()
database = connect_database(settings.database_url)
sealer = Sealer(settings.tenant_secrets_key_id)
app = http_app()


@app.post("/v1/webhooks/immersio/<endpoint_id>")
def receive(endpoint_id: str) -> Response[Any]:
    hint = _hint()
    receipt = in_tenant(
        database,
        of_endpoint(endpoint_id, "IMMERSIO"),
        lambda connection: receive_hint(connection, sealer, hint),
    )
    logger.info(
        "hint taken" if receipt.is_new else "known already",
        tenant_id=receipt.tenant_id,
        hint_type=receipt.type,
    )
    return answer_document({"received": True})


def _hint() -> Hint:
    body = raw_body(app.current_event.raw_event)
    if len(body) > LARGEST_HINT:
        raise RequestTooLarge(limitBytes=LARGEST_HINT)
    headers = app.current_event.headers
    return Hint(
        body,
        headers.get("x-webhook-id") or "",
        headers.get("x-webhook-timestamp") or "",
        headers.get("x-webhook-signature") or "",
        datetime.now(UTC),
    )


handler = http_handler(app)
