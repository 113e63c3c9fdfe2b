"""Sending messages to an SQS queue."""

import itertools
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

MOST_IN_A_BATCH = 10


class NotSent(Exception):
    """The queue did not take every message; those that it took stay there."""


class Queue:
    """A standard queue, by its URL."""

    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, bodies: Iterable[str]) -> None:
        """Send all messages, ten a call. Raises NotSent."""
        remaining = iter(bodies)
        while batch := list(itertools.islice(remaining, MOST_IN_A_BATCH)):
            entries: list[SendMessageBatchRequestEntryTypeDef] = [
                {"Id": str(number), "MessageBody": body} for number, body in enumerate(batch)
            ]
            if self._sqs.send_message_batch(QueueUrl=self._url, Entries=entries).get("Failed"):
                raise NotSent

    @cached_property
    def _sqs(self) -> "SQSClient":
        # Loaded at the first message: most invocations send none.
        import boto3
        from botocore.config import Config

        limits = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard"})
        return boto3.session.Session().client("sqs", config=limits)
