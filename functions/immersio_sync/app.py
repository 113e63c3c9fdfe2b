"""A schedule asks for a pull of every connected school; each message pulls one stream of one school."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.clients.immersio_errors import ImmersioFailed
from shared.clients.public_hosts import HostRule
from shared.clients.queue import Queue
from shared.clients.sealing import Sealer
from shared.config import Settings
from shared.database import connect_database, in_platform
from shared.edge.messages import each_message
from shared.immersio.account import open_account
from shared.immersio.connected_schools import list_connected_schools
from shared.immersio.pull_courses import STREAM, MayGoOn, Outcome, pull_courses
from shared.immersio.schemas import SyncTask
from shared.telemetry import logger

# A page takes 20 s at most, and then there is time to ask for the rest.
RESERVE_MILLISECONDS = 60_000


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


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    def may_go_on() -> bool:
        return context.get_remaining_time_in_millis() >= RESERVE_MILLISECONDS

    if "Records" not in event:
        return fan_out()
    return each_message(event, lambda body: pull(body, may_go_on), expected=(ImmersioFailed,))


def fan_out() -> dict[str, int]:
    schools = in_platform(platform, lambda c: list_connected_schools(c, STREAM))
    queue.send(SyncTask(tenant_id=school).model_dump_json(by_alias=True) for school in schools)
    return {"schools": len(schools)}


def pull(body: str, may_go_on: MayGoOn) -> None:
    school = SyncTask.model_validate_json(body).tenant_id
    logger.append_keys(tenant_id=school)
    pulled = pull_courses(database, school, lambda row: open_account(school, row, sealer, hosts), may_go_on)
    if pulled.outcome is Outcome.OUT_OF_TIME:
        queue.send([body])
    logger.info("pulled", outcome=pulled.outcome, code=pulled.code, courses=dict(pulled.counts))
