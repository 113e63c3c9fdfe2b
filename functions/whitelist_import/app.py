"""Streams an uploaded CSV into a whitelist: S3 tells the queue, and the queue tells us."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.config import Settings
from shared.database import connect_database, in_tenant
from shared.edge.messages import each_message
from shared.telemetry import logger
from shared.whitelists.errors import WhitelistImportNotFound
from shared.whitelists.import_whitelist import Outcome, earlier_outcome, import_whitelist, of_import
from shared.whitelists.tell_progress import Teller
from shared.whitelists.uploads import import_id_of, pieces_of, s3_client, uploaded_file, uploaded_keys


class ImportSettings(Settings):
    database_url: str
    uploads_bucket: str


settings = ImportSettings.from_environment()
database = connect_database(settings.database_url)
# What it tells is seen before the import commits.
progress = connect_database(settings.database_url)
s3 = s3_client()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    return each_message(event, import_uploads)


def import_uploads(body: str) -> None:
    """What one message tells of; usually one upload."""
    for key in uploaded_keys(json.loads(body)):
        import_upload(key)


def import_upload(key: str) -> None:
    import_id = import_id_of(key)
    if import_id is None:
        logger.warning("an object that nobody asked for")
        return
    try:
        outcome = carried_out(import_id, datetime.now(UTC))
    except WhitelistImportNotFound:
        logger.warning("an import that nobody asked for", import_id=str(import_id))
        return
    logger.info("imported", import_id=str(import_id), status=outcome.status, code=outcome.failure_code)


def carried_out(import_id: UUID, now: datetime) -> Outcome:
    earlier = in_tenant(database, of_import(import_id), lambda c: earlier_outcome(c, import_id))
    if earlier is not None:
        return earlier
    teller = Teller(progress, import_id, now)
    with uploaded_file(s3, settings.uploads_bucket, import_id) as file:
        size = file.tell()
        teller.begun()
        return in_tenant(
            database,
            of_import(import_id),
            lambda c: import_whitelist(c, import_id, teller.read(pieces_of(file), size), now, teller.decided),
        )
