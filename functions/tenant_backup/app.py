"""Schedules ask for backups and restores that are due; each message makes the backup of one school."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from sqlalchemy import Connection

from shared.backups.back_up_tenant import BackupPlaces, back_up_tenant
from shared.backups.errors import BackupFailed
from shared.backups.export_tenant import Readers
from shared.backups.queries import count_overdue, open_backups, open_restores, todays_backups
from shared.backups.schemas import BackupTask
from shared.backups.vault import Vault
from shared.clients.data_keys import DataKeys
from shared.clients.queue import Queue
from shared.config import Settings
from shared.database import connect_database, in_platform
from shared.edge.messages import each_message
from shared.telemetry import logger, metrics, tell_metrics

# A table of a large school is silent for as long as it is counted.
PATIENCE_SECONDS = 600


class TenantBackupSettings(Settings):
    database_url: str
    backup_database_url: str
    backup_queue_url: str
    restore_queue_url: str
    backups_bucket: str
    backups_key_id: str
    backup_retention_days: int


settings = TenantBackupSettings.from_environment()
database = connect_database(settings.database_url, patience=PATIENCE_SECONDS)
reader = connect_database(settings.backup_database_url, patience=PATIENCE_SECONDS)
backups, restores = Queue(settings.backup_queue_url), Queue(settings.restore_queue_url)
places = BackupPlaces(
    Readers(backup=reader, app=database),
    DataKeys(settings.backups_key_id),
    Vault(settings.backups_bucket, settings.backup_retention_days),
)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    try:
        if "Records" in event:
            return each_message(event, back_up, expected=(BackupFailed,))
        return ask_for_all() if event.get("task") == "daily" else ask_for_open()
    finally:
        tell_metrics()


def ask_for_all() -> dict[str, int]:
    """Today's backup of every school."""
    tasks = in_platform(reader, lambda c: todays_backups(c, datetime.now(UTC)))
    send(backups, tasks)
    return {"schools": len(tasks)}


def ask_for_open() -> dict[str, int]:
    """What was asked for and nobody has begun, or nobody ends."""

    def look(connection: Connection) -> tuple[list[BackupTask], list[Any], int]:
        now = datetime.now(UTC)
        return open_backups(connection, now), open_restores(connection, now), count_overdue(connection, now)

    wanted, to_restore, overdue = in_platform(reader, look)
    send(backups, wanted)
    send(restores, to_restore)
    metrics.add_metric(name="TenantBackupsOverdue", unit=MetricUnit.Count, value=overdue)
    return {"backups": len(wanted), "restores": len(to_restore), "overdue": overdue}


def send(queue: Queue, tasks: list[Any]) -> None:
    queue.send(task.model_dump_json(by_alias=True) for task in tasks)


def back_up(body: str) -> None:
    task = BackupTask.model_validate_json(body)
    logger.append_keys(tenant_id=task.tenant_id)
    try:
        made = back_up_tenant(places, task, lambda: datetime.now(UTC))
    except Exception:
        metrics.add_metric(name="TenantBackupsFailed", unit=MetricUnit.Count, value=1)
        raise
    if made is not None:
        metrics.add_metric(name="TenantBackups", unit=MetricUnit.Count, value=1)
        logger.info("backed up", backup_id=str(task.backup_id), rows=made.rows)
