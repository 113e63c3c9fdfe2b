"""Messages that the queue did not take are not forgotten."""

import boto3
import pytest
from botocore.stub import Stubber

from shared.clients.queue import NotSent, Queue
from tests.clients.kms import kms_key


def test_a_message_that_the_queue_did_not_take_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with kms_key(monkeypatch):
        queue = Queue("https://sqs.us-east-1.amazonaws.com/123456789012/sync")
        refused = {"Id": "1", "SenderFault": False, "Code": "InternalError"}
        taken = {"Id": "0", "MessageId": "m", "MD5OfMessageBody": "0cc175b9c0f1b6a831c399e269772661"}
        with Stubber(queue._sqs) as sqs:
            sqs.add_response("send_message_batch", {"Successful": [taken], "Failed": [refused]})
            with pytest.raises(NotSent):
                queue.send(["a", "b"])


def test_more_messages_than_a_call_takes_are_all_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    with kms_key(monkeypatch):
        url = boto3.client("sqs").create_queue(QueueName="sync")["QueueUrl"]
        Queue(url).send(str(number) for number in range(21))
        told = boto3.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    assert told["Attributes"]["ApproximateNumberOfMessages"] == "21"
