"""What a function behind a queue shares with others: each message of a batch stands for itself."""

from collections.abc import Callable
from typing import Any

from shared.edge.problems import as_problem
from shared.telemetry import logger

Expected = tuple[type[Exception], ...]


def each_message(
    event: dict[str, Any], work: Callable[[str], None], *, expected: Expected = ()
) -> dict[str, list[dict[str, str]]]:
    """Give the body of each message to `work`, and tell SQS which messages have to come again.

    Those are the messages for which `work` raises. What is `expected` (a vendor that is down) and has a
    `code` is a warning; of anything else the trace is logged.
    """
    failed = [record["messageId"] for record in event["Records"] if not _is_done(record, work, expected)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _is_done(record: dict[str, Any], work: Callable[[str], None], expected: Expected) -> bool:
    # The message before may have been another tenant's.
    logger.append_keys(message_id=record["messageId"], tenant_id=None)
    try:
        work(record["body"])
    except Exception as error:  # noqa: BLE001  # one bad message must not take the others with it
        told = error if isinstance(error, expected) else as_problem(error)
        logger.warning("message comes again", code=getattr(told, "code", None))
        return False
    return True
