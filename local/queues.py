"""Lambda's SQS pollers: from each queue to its function, and what becomes of the messages afterwards."""

import base64
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.aws import AwsServices
from local.functions import Functions
from local.names import REGION, Names
from local.sandbox import Invocation
from local.template import QueueSource, Template

# As many as Lambda's pollers start with.
DEFAULT_CONCURRENCY = 5
LARGEST_RECEIVE = 10
POLL_SECONDS = 20

# In AWS a failed message comes again when its visibility timeout ends, which is sized for the slowest
# import: an hour and a half. Nobody waits for that in front of a screen. Messages at work keep theirs.
RETRY_SECONDS = 3


@dataclass
class QueuePoller:
    """One queue feeding one function. Times in seconds."""

    source: QueueSource
    url: str
    arn: str
    sqs: Any
    functions: Functions
    retry_seconds: int
    _stopping: threading.Event = field(default_factory=threading.Event)
    _slots: threading.Semaphore = field(init=False)
    _threads: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        scaling = self.source.event.scaling_config
        concurrency = scaling.maximum_concurrency if scaling else DEFAULT_CONCURRENCY
        self._slots = threading.Semaphore(concurrency)
        self._threads = ThreadPoolExecutor(concurrency, thread_name_prefix=self.source.queue)

    def start(self) -> None:
        threading.Thread(target=self.run, name=f"poll {self.source.queue}", daemon=True).start()

    def stop(self) -> None:
        """A poll that is under way ends with the server that it waits for."""
        self._stopping.set()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def run(self) -> None:
        while not self._stopping.is_set():
            if self._slots.acquire(timeout=1):
                try:
                    messages = self.receive_batch()
                except (BotoCoreError, ClientError):
                    messages = []
                    self._stopping.wait(1)
                if not messages:
                    self._slots.release()
                    continue
                # Refused when the run ended meanwhile.
                with suppress(RuntimeError):
                    self._threads.submit(self.deliver, messages)

    def receive_batch(self) -> list[dict[str, Any]]:
        """Up to the batch size; further ones are waited for during the batching window only."""
        size = self.source.event.batch_size
        window = self.source.event.maximum_batching_window_in_seconds
        messages = self.receive(size, POLL_SECONDS)
        end = time.monotonic() + window
        while messages and len(messages) < size and (left := end - time.monotonic()) > 0:
            messages += self.receive(size - len(messages), min(POLL_SECONDS, int(left) + 1))
        return messages

    def receive(self, count: int, wait: int) -> list[dict[str, Any]]:
        answer = self.sqs.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=min(count, LARGEST_RECEIVE),
            WaitTimeSeconds=wait,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages

    def deliver(self, messages: Sequence[Mapping[str, Any]]) -> None:
        try:
            event = {"Records": [record(message, self.arn) for message in messages]}
            answer = self.functions.invoke(self.source.function, event)
            ids = [message["MessageId"] for message in messages]
            reports = "ReportBatchItemFailures" in self.source.event.function_response_types
            failed = failed_ids(answer, ids, reports=reports)
            if not self._stopping.is_set():
                self.settle(messages, failed)
        finally:
            self._slots.release()

    def settle(self, messages: Sequence[Mapping[str, Any]], failed: frozenset[str]) -> None:
        for message in messages:
            handle = {"QueueUrl": self.url, "ReceiptHandle": message["ReceiptHandle"]}
            if message["MessageId"] in failed:
                self.sqs.change_message_visibility(**handle, VisibilityTimeout=self.retry_seconds)
            else:
                self.sqs.delete_message(**handle)


def record(message: Mapping[str, Any], arn: str) -> dict[str, Any]:
    """Lambda Developer Guide, «Using Lambda with Amazon SQS»."""
    attributes = message.get("MessageAttributes", {})
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {name: str(value) for name, value in message["Attributes"].items()},
        "messageAttributes": {name: message_attribute(value) for name, value in attributes.items()},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": REGION,
    }


def message_attribute(value: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"dataType": value["DataType"], "stringListValues": [], "binaryListValues": []}
    if "StringValue" in value:
        found["stringValue"] = value["StringValue"]
    if "BinaryValue" in value:
        found["binaryValue"] = base64.b64encode(value["BinaryValue"]).decode()
    return found


def failed_ids(answer: Invocation, ids: Sequence[str], *, reports: bool) -> frozenset[str]:
    """Which messages come again. A report that names no message of the batch fails the whole batch."""
    if answer.failed:
        return frozenset(ids)
    if not reports or not answer.payload:
        return frozenset()
    items = answer.payload.get("batchItemFailures") if isinstance(answer.payload, dict) else [None]
    named = {item.get("itemIdentifier") if isinstance(item, dict) else None for item in items or ()}
    return frozenset(one for one in ids if one in named) if named <= set(ids) else frozenset(ids)


@contextmanager
def polled_queues(
    template: Template,
    names: Names,
    aws: AwsServices,
    functions: Functions,
    *,
    retry_after: int = RETRY_SECONDS,
) -> Iterator[None]:
    """Failed messages come again after `retry_after` seconds, or sooner if the queue says so."""
    sqs = aws.client("sqs")
    pollers = [
        QueuePoller(
            source,
            names.queue_url(source.queue),
            names.queue_arn(source.queue),
            sqs,
            functions,
            min(template.queues[source.queue].visibility_timeout, retry_after),
        )
        for source in template.queue_sources
        if source.event.enabled
    ]
    for poller in pollers:
        poller.start()
    try:
        yield
    finally:
        for poller in pollers:
            poller.stop()
