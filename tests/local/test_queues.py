"""From SQS and S3 to a function, and what becomes of a message that failed."""

import json
from typing import Any

import pytest

from local.queues import failed_ids
from local.sandbox import Invocation
from tests.local.conftest import Sample
from tests.waiting import eventually

IDS = ["a", "b", "c"]


@pytest.mark.parametrize(
    "report",
    [
        {"batchItemFailures": [{"itemIdentifier": "unknown"}]},
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"itemIdentifier": None}]},
        {"batchItemFailures": [{"messageId": "a"}]},
        {"batchItemFailures": ["a"]},
        ["a"],
        "a",
    ],
)
def test_a_report_that_makes_no_sense_fails_the_whole_batch(report: Any) -> None:
    assert failed_ids(Invocation(report), IDS, reports=True) == set(IDS)


def test_a_function_that_failed_fails_the_whole_batch() -> None:
    assert failed_ids(Invocation({"errorType": "x"}, failed=True), IDS, reports=False) == set(IDS)


def test_a_report_that_was_not_asked_for_is_ignored() -> None:
    report = {"batchItemFailures": [{"itemIdentifier": "a"}]}
    assert failed_ids(Invocation(report), IDS, reports=False) == set()


@pytest.mark.parametrize("report", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_an_empty_report_is_a_success(report: Any) -> None:
    assert failed_ids(Invocation(report), IDS, reports=True) == set()


def bodies(sample: Sample) -> list[str]:
    return [record["body"] for event in sample.notes() for record in event.get("Records", [])]


def test_only_the_failed_message_comes_again_until_it_is_given_up(sample: Sample) -> None:
    sqs, names = sample.stack.foundation.aws.client("sqs"), sample.stack.foundation.names
    entries = [{"Id": body, "MessageBody": body} for body in ("good-1", "bad", "good-2")]
    sqs.send_message_batch(QueueUrl=names.queue_url("Inbox"), Entries=entries)

    def given_up() -> list[str]:
        answer = sqs.receive_message(QueueUrl=names.queue_url("Dead"), WaitTimeSeconds=1)
        return [message["Body"] for message in answer.get("Messages", [])]

    assert eventually(given_up) == ["bad"]
    seen = bodies(sample)
    assert (seen.count("good-1"), seen.count("good-2"), seen.count("bad")) == (1, 1, 2)
    counts = [
        record["attributes"]["ApproximateReceiveCount"]
        for event in sample.notes()
        for record in event.get("Records", [])
        if record["body"] == "bad"
    ]
    assert counts == ["1", "2"]


def test_the_event_is_that_of_sqs(sample: Sample) -> None:
    sqs, names = sample.stack.foundation.aws.client("sqs"), sample.stack.foundation.names
    attributes = {"kind": {"DataType": "String", "StringValue": "x"}}
    sent = sqs.send_message(
        QueueUrl=names.queue_url("Inbox"), MessageBody="hello", MessageAttributes=attributes
    )

    def seen() -> dict[str, Any] | None:
        records = [record for event in sample.notes() for record in event.get("Records", [])]
        return next((record for record in records if record["body"] == "hello"), None)

    record = eventually(seen)
    assert record["messageId"] == sent["MessageId"]
    assert record["md5OfBody"] == sent["MD5OfMessageBody"]
    assert record["messageAttributes"] == {
        "kind": {"dataType": "String", "stringValue": "x", "stringListValues": [], "binaryListValues": []}
    }
    assert (record["eventSource"], record["awsRegion"]) == ("aws:sqs", "us-east-1")
    assert record["eventSourceARN"] == "arn:aws:sqs:us-east-1:123456789012:booking-Inbox"
    assert record["attributes"].keys() >= {
        "ApproximateReceiveCount", "SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp",
    }  # fmt: skip
    assert record["receiptHandle"]


def s3_records(sample: Sample) -> list[dict[str, Any]]:
    """Also S3 tells a queue that it can reach it, with a message that has no records."""
    messages = [json.loads(body) for body in bodies(sample) if body.startswith("{")]
    return [record for message in messages for record in message.get("Records", [])]


def test_an_upload_reaches_the_function_through_the_queue(sample: Sample) -> None:
    s3, bucket = sample.stack.foundation.aws.client("s3"), sample.stack.foundation.names.bucket("Uploads")
    s3.put_object(Bucket=bucket, Key="elsewhere/a.csv", Body=b"1")
    put = s3.put_object(Bucket=bucket, Key="in/ünï code+1.csv", Body=b"abc")
    s3.put_object(Bucket=bucket, Key="in/second.csv", Body=b"d")
    first, second = eventually(lambda: found if len(found := s3_records(sample)) > 1 else None)[:2]
    assert first["eventSource"] == "aws:s3"
    assert first["eventName"] == "ObjectCreated:Put"
    assert first["s3"]["bucket"]["name"] == bucket
    assert first["s3"]["object"]["key"] == "in%2F%C3%BCn%C3%AF+code%2B1.csv"
    assert first["s3"]["object"]["size"] == 3
    assert first["s3"]["object"]["eTag"] == put["ETag"].strip('"')
    assert first["s3"]["object"]["sequencer"] < second["s3"]["object"]["sequencer"]
    assert first.keys() >= {"eventVersion", "awsRegion", "eventTime", "userIdentity", "requestParameters"}
