"""The buckets and queues of the template, made in the services of this run."""

from typing import Any

from local.aws import AwsServices
from local.names import Names
from local.template import Template
from local.template_models import Bucket, NotificationFilter, Queue


def create_resources(aws: AwsServices, template: Template, names: Names) -> None:
    """Dead letter queues before the queues that name them, queues before the buckets that tell them."""
    sqs, s3 = aws.client("sqs"), aws.client("s3")
    queues = sorted(template.queues.items(), key=lambda item: item[1].redrive_policy is not None)
    for logical_id, queue in queues:
        sqs.create_queue(QueueName=names.queue(logical_id), Attributes=queue_attributes(queue))
    for logical_id, bucket in template.buckets.items():
        create_bucket(s3, names.bucket(logical_id), bucket)


def queue_attributes(queue: Queue) -> dict[str, str]:
    attributes = {
        "VisibilityTimeout": str(queue.visibility_timeout),
        "MessageRetentionPeriod": str(queue.message_retention_period),
        "DelaySeconds": str(queue.delay_seconds),
        "ReceiveMessageWaitTimeSeconds": str(queue.receive_message_wait_time_seconds),
    }
    if queue.redrive_policy is not None:
        attributes["RedrivePolicy"] = queue.redrive_policy.model_dump_json(by_alias=True)
    return attributes


def create_bucket(s3: Any, name: str, bucket: Bucket) -> None:
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=bucket.object_lock_enabled)
    if bucket.versioning_configuration is not None and not bucket.object_lock_enabled:
        s3.put_bucket_versioning(
            Bucket=name, VersioningConfiguration={"Status": bucket.versioning_configuration.status}
        )
    if bucket.object_lock_configuration is not None:
        lock = bucket.object_lock_configuration.model_dump(by_alias=True, exclude_none=True)
        s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=lock)
    if bucket.cors_configuration is not None:
        s3.put_bucket_cors(Bucket=name, CORSConfiguration=cors(bucket))
    if bucket.notification_configuration.queue_configurations:
        s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=notifications(bucket))


def cors(bucket: Bucket) -> dict[str, Any]:
    rules = bucket.cors_configuration.cors_rules if bucket.cors_configuration else []
    return {
        "CORSRules": [
            {
                "AllowedMethods": rule.allowed_methods,
                # Pages come from http://{school}.localhost here, which no rule for production names.
                "AllowedOrigins": ["*"],
                "AllowedHeaders": rule.allowed_headers,
                "ExposeHeaders": rule.exposed_headers,
            }
            for rule in rules
        ]
    }


def notifications(bucket: Bucket) -> dict[str, Any]:
    return {
        "QueueConfigurations": [
            {
                "QueueArn": configuration.queue,
                "Events": [configuration.event],
                **({} if configuration.filter is None else {"Filter": key_filter(configuration.filter)}),
            }
            for configuration in bucket.notification_configuration.queue_configurations
        ]
    }


def key_filter(wanted: NotificationFilter) -> dict[str, Any]:
    rules = [{"Name": rule.name, "Value": rule.value} for rule in wanted.s3_key.rules]
    return {"Key": {"FilterRules": rules}}
