"""Every minute: what bookings left in the outbox is carried out."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field

from shared.clients.mail import MailClient
from shared.config import Settings
from shared.database import connect_database, in_tenant
from shared.fields import EMAIL
from shared.immersio.note_change import note_change
from shared.notifications.envelope import Sender
from shared.notifications.letters import TOPICS
from shared.notifications.news import news_of
from shared.notifications.notices import NOTICES
from shared.notifications.write_letter import write_letter
from shared.notifications.write_notice import write_notice
from shared.outbox.claim_messages import Message
from shared.outbox.drain_outbox import drain_outbox
from shared.telemetry import logger, metrics
from shared.tenant_scope import of_tenant

# More than the longest a mail takes (the client's timeouts) and its mark.
RESERVE_MILLISECONDS = 9_000


class EventWorkerSettings(Settings):
    database_url: str
    ops_database_url: str
    base_domain: str
    public_port: int
    # As it is written: the permission to send compares it letter by letter.
    mail_from: str = Field(pattern=f"^{EMAIL.pattern}$")


settings = EventWorkerSettings.from_environment()
database = connect_database(settings.database_url)
platform = connect_database(settings.ops_database_url)
mail = MailClient(settings.mail_from)
sender = Sender(settings.mail_from, settings.base_domain, settings.public_port)


def tell(message: Message) -> None:
    tenant, news, now = message.tenant_id, news_of(message.payload), datetime.now(UTC)
    if news.all_ids:
        in_tenant(database, of_tenant(tenant), lambda c: note_change(c, tenant, news.all_ids, now))
    told = in_tenant(
        database, of_tenant(tenant), lambda c: write_letter(c, tenant, message.topic, news, sender, now)
    )
    if told is not None:
        mail.send(told)


def tell_staff(message: Message) -> None:
    tenant, number = message.tenant_id, message.id
    told = in_tenant(
        database,
        of_tenant(tenant),
        lambda c: write_notice(c, tenant, number, message.topic, message.payload, sender),
    )
    if told is not None:
        mail.send(told)


CARRIERS = {**dict.fromkeys(TOPICS, tell), **dict.fromkeys(NOTICES, tell_staff)}


@logger.inject_lambda_context(clear_state=True)
def handler(_: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    def has_time() -> bool:
        return context.get_remaining_time_in_millis() > RESERVE_MILLISECONDS

    drained = drain_outbox(platform, CARRIERS, clock=lambda: datetime.now(UTC), has_time=has_time)
    logger.info("outbox drained", **asdict(drained))
    if drained.parked:
        metrics.add_metric(name="OutboxParked", unit=MetricUnit.Count, value=drained.parked)
        metrics.flush_metrics()
    return asdict(drained)
