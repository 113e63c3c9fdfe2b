"""A schedule asks for what is due of every connected school; each message is one stream of one school."""

import time
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.clients.public_hosts import HostRule
from shared.clients.queue import Queue
from shared.clients.sealing import Sealer
from shared.config import Settings
from shared.database import connect_database, in_platform
from shared.edge.messages import each_message
from shared.immersio.account import open_account
from shared.immersio.connected_schools import claim_due_streams
from shared.immersio.gate import Timing
from shared.immersio.prune_logs import prune_logs
from shared.immersio.pull_stream import MayGoOn, Outcome
from shared.immersio.schemas import SyncTask
from shared.immersio.sync_health import count_trouble
from shared.immersio.sync_stream import sync_stream
from shared.telemetry import logger, metrics

# A page takes 20 s at most, and then there is time to ask for the rest.
RESERVE_MILLISECONDS = 60_000
# Then others have their turn: a school with very much to pull stands in the queue again and again.
TURN_SECONDS = 20.0


class ImmersioSyncSettings(Settings):
    database_url: str
    ops_database_url: str
    immersio_sync_queue_url: str
    immersio_host_suffixes: str
    tenant_secrets_key_id: str
    immersio_allow_loopback: bool = False


settings = ImmersioSyncSettings.from_environment()
database = connect_database(settings.database_url)
platform = connect_database(settings.ops_database_url)
queue = Queue(settings.immersio_sync_queue_url)
sealer = Sealer(settings.tenant_secrets_key_id)
hosts = HostRule.of(settings.immersio_host_suffixes, allow_loopback=settings.immersio_allow_loopback)
timing = Timing(lambda: datetime.now(UTC), time.sleep)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    if "Records" not in event:
        return fan_out()
    return each_message(event, lambda body: sync(body, turn(context)))


def fan_out() -> dict[str, int]:
    now = datetime.now(UTC)
    due = in_platform(platform, lambda c: claim_due_streams(c, now))
    tasks = (SyncTask(tenant_id=each.tenant_id, stream=each.stream) for each in due)
    queue.send(task.model_dump_json(by_alias=True) for task in tasks)
    pruned = in_platform(platform, lambda c: prune_logs(c, now))
    trouble = in_platform(platform, lambda c: count_trouble(c, now))
    metrics.add_metric(name="ImmersioDead", unit=MetricUnit.Count, value=trouble["dead"])
    metrics.add_metric(name="ImmersioStalled", unit=MetricUnit.Count, value=trouble["stalled"])
    metrics.flush_metrics()
    return {"streams": len(due), "pruned": pruned, **trouble}


def turn(context: LambdaContext) -> MayGoOn:
    ends = time.monotonic() + TURN_SECONDS

    def may_go_on() -> bool:
        return time.monotonic() < ends and context.get_remaining_time_in_millis() >= RESERVE_MILLISECONDS

    return may_go_on


def sync(body: str, may_go_on: MayGoOn) -> None:
    task = SyncTask.model_validate_json(body)
    school = task.tenant_id
    logger.append_keys(tenant_id=school)
    done = sync_stream(
        database, school, task.stream, lambda row: open_account(school, row, sealer, hosts), timing, may_go_on
    )
    if done.outcome is Outcome.OUT_OF_TIME:
        queue.send([body])
    logger.info("synced", stream=task.stream, outcome=done.outcome, code=done.code, rows=dict(done.counts))
