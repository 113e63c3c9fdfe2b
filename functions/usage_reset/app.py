"""On the first of the month the new month is opened for every school; asked to, the counters are repaired."""

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
def handler(event: dict[str, Any], __: LambdaContext) -> dict[str, Any]:
    now = datetime.now(UTC)
    # Whoever invokes it by hand says `{"recount": true}`; a schedule says no such thing.
    if event.get("recount") is True:
        from shared.usage.recount_usage import recount_usage

        recounted = asdict(recount_usage(database, now))
        logger.info("usage recounted", **recounted)
        return recounted
    opened = asdict(open_month(database, now))
    logger.info("month opened", **opened)
    return opened
