"""Brings the database to the newest revision (`{"action": "upgrade"}`), or tells its own (`"current"`)."""

from typing import Any, Literal

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict

from migrations.run import current_revision, upgrade
from shared.config import Settings
from shared.telemetry import logger


class DbMigrateSettings(Settings):
    database_url: str


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid")

    action: Literal["upgrade", "current"] = "upgrade"


settings = DbMigrateSettings.from_environment()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, str | None]:
    order = Order.model_validate(event)
    before = current_revision(settings.database_url)
    if order.action == "upgrade":
        upgrade(settings.database_url)
    after = current_revision(settings.database_url)
    logger.info("migrated", before=before, after=after)
    return {"from": before, "to": after}
