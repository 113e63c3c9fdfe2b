"""Each message restores a school; an operator may also name a backup whose school is gone."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.backups.errors import RestoreRefused
from shared.backups.identity import Identity
from shared.backups.run_restore import RestorePlaces, restore_lost, run_restore
from shared.backups.schemas import BackupTask, RestoreTask
from shared.backups.vault import Vault
from shared.clients.data_keys import DataKeys
from shared.config import Settings
from shared.database import connect_database
from shared.edge.messages import each_message
from shared.telemetry import logger, metrics, tell_metrics

PATIENCE_SECONDS = 600


class TenantRestoreSettings(Settings):
    restore_database_url: str
    backups_bucket: str
    backups_key_id: str


settings = TenantRestoreSettings.from_environment()
places = RestorePlaces(
    connect_database(settings.restore_database_url, patience=PATIENCE_SECONDS),
    DataKeys(settings.backups_key_id),
    # It only fetches.
    Vault(settings.backups_bucket, retention_days=0),
)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    try:
        return each_message(event, restore) if "Records" in event else restore_gone(event)
    finally:
        tell_metrics()


def restore(body: str) -> None:
    task = RestoreTask.model_validate_json(body)
    logger.append_keys(tenant_id=task.tenant_id)
    try:
        outcome = run_restore(places, task, lambda: datetime.now(UTC))
    except Exception:
        count_failure()
        raise
    if isinstance(outcome, RestoreRefused):
        count_failure()
        logger.warning(
            "restore refused", restore_id=str(task.restore_id), code=outcome.code, reason=outcome.detail
        )
    elif outcome is not None:
        logger.info("restored", restore_id=str(task.restore_id), rows=outcome.rows)


def restore_gone(event: dict[str, Any]) -> dict[str, Any]:
    """`{"tenantId", "backupId"}` of a school that is gone; answers `{"tenantId", "rows"}` or `{"code"}`."""
    task = BackupTask.model_validate(event)
    try:
        restored = restore_lost(places, Identity(task.tenant_id, task.backup_id))
    except RestoreRefused as refused:
        logger.warning("restore refused", code=refused.code, reason=refused.detail)
        return {"code": refused.code}
    return {"tenantId": restored.tenant_id, "rows": restored.rows}


def count_failure() -> None:
    metrics.add_metric(name="TenantRestoresFailed", unit=MetricUnit.Count, value=1)
