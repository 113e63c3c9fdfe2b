"""Every minute: payments and refunds are brought to what Stripe says of them."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.clients.sealing import Sealer
from shared.config import Settings
from shared.database import connect_database
from shared.payments.look_at_checkout import Teller
from shared.payments.settle_payments import settle_payments
from shared.payments.stripe_access import StripeDoor
from shared.telemetry import logger, metrics

# More than one look takes at a Stripe that does not answer, with all attempts and time-outs.
RESERVE_MILLISECONDS = 40_000


class PaymentWorkerSettings(Settings):
    database_url: str
    ops_database_url: str
    stripe_api_url: str
    tenant_secrets_key_id: str


settings = PaymentWorkerSettings.from_environment()
database = connect_database(settings.database_url)
platform = connect_database(settings.ops_database_url)
door = StripeDoor(Sealer(settings.tenant_secrets_key_id), settings.stripe_api_url)
teller = Teller(database, door)


@logger.inject_lambda_context(clear_state=True)
def handler(_: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    def has_time() -> bool:
        return context.get_remaining_time_in_millis() > RESERVE_MILLISECONDS

    done = settle_payments(platform, teller, lambda: datetime.now(UTC), has_time)
    logger.info("payments settled", **asdict(done))
    for name, count in (("PaymentsFailed", done.failed), ("PaymentsFlagged", done.flagged)):
        if count:
            metrics.add_metric(name=name, unit=MetricUnit.Count, value=count)
    if metrics.metric_set:
        metrics.flush_metrics()
    return asdict(done)
