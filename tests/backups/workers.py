"""The functions of backups with all that they need of AWS, in this process."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import boto3

from tests.functions import LoadedFunction, sqs_event


@dataclass(frozen=True)
class Cloud:
    bucket: str
    environment: dict[str, str]

    def objects(self) -> list[str]:
        told = boto3.client("s3").list_objects_v2(Bucket=self.bucket)
        return [each["Key"] for each in told.get("Contents", [])]

    def messages(self, queue: str) -> list[str]:
        """What waits in the queue, taken out of it."""
        sqs, bodies = boto3.client("sqs"), []
        while told := sqs.receive_message(QueueUrl=self.environment[queue], MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in told:
                bodies.append(message["Body"])
                sqs.delete_message(QueueUrl=self.environment[queue], ReceiptHandle=message["ReceiptHandle"])
        return bodies


def made_cloud(key_id: str) -> Cloud:
    s3, sqs, bucket = boto3.client("s3"), boto3.client("sqs"), f"backups-{uuid4().hex}"
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    queues = {
        f"{name}_QUEUE_URL": sqs.create_queue(QueueName=f"{name.lower()}-{bucket}")["QueueUrl"]
        for name in ("BACKUP", "RESTORE")
    }
    settings = {"BACKUPS_BUCKET": bucket, "BACKUPS_KEY_ID": key_id, "BACKUP_RETENTION_DAYS": "35"}
    return Cloud(bucket, {**queues, **settings})


@dataclass(frozen=True)
class Workers:
    """Runs the functions as schedules and queues do."""

    cloud: Cloud
    backup: LoadedFunction
    restore: LoadedFunction

    def daily(self) -> Any:
        return self.backup({"task": "daily"})

    def sweep(self) -> Any:
        return self.backup({"task": "open"})

    def make_backups(self) -> list[Any]:
        """Everything that waits; which messages failed, a list each."""
        return [
            self.backup(sqs_event(body))["batchItemFailures"]
            for body in self.cloud.messages("BACKUP_QUEUE_URL")
        ]

    def restore_all(self) -> list[Any]:
        return [
            self.restore(sqs_event(body))["batchItemFailures"]
            for body in self.cloud.messages("RESTORE_QUEUE_URL")
        ]
