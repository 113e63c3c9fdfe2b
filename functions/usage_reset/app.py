"""On the first of the month: the new month is opened for every school."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.config import Settings
from shared.database import connect_database
from shared.telemetry import logger
from shared.usage.open_month import open_month


class UsageResetSettings(Settings):
    database_url: str


settings = UsageResetSettings.from_environment()
database = connect_database(settings.database_url)


@logger.inject_lambda_context(clear_state=True)
def handler(_: dict[str, Any], __: LambdaContext) -> dict[str, Any]:
    opened = asdict(open_month(database, datetime.now(UTC)))
    logger.info("month opened", **opened)
    return opened
