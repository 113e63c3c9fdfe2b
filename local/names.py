"""What the resources of one local run are called: the values of !Ref and !GetAtt."""

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

# moto's default account.
ACCOUNT_ID = "123456789012"
REGION = "us-east-1"
API_ID = "local"


@dataclass(frozen=True)
class Names:
    """`endpoint_url` is where the AWS services answer, `api_url` where the gateway does."""

    stack: str
    endpoint_url: str
    api_url: str

    def bucket(self, logical_id: str) -> str:
        return f"{self.stack}-{logical_id}".lower()

    def queue(self, logical_id: str) -> str:
        return f"{self.stack}-{logical_id}"

    def queue_arn(self, logical_id: str) -> str:
        return f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{self.queue(logical_id)}"

    def queue_url(self, logical_id: str) -> str:
        return f"{self.endpoint_url}/{ACCOUNT_ID}/{self.queue(logical_id)}"

    def key(self, logical_id: str) -> str:
        """The same in every run of a stack: what was sealed yesterday names its key."""
        digest = hashlib.sha256(f"{self.stack}/{logical_id}".encode()).digest()
        return str(uuid.UUID(bytes=digest[:16], version=4))

    def references(self, types: Mapping[str, str]) -> dict[str, Any]:
        """`types` are the resource types by logical id."""
        return {
            "AWS::AccountId": ACCOUNT_ID,
            "AWS::Region": REGION,
            "AWS::Partition": "aws",
            "AWS::StackName": self.stack,
            "AWS::URLSuffix": "amazonaws.com",
            **{logical_id: self.reference(logical_id, kind) for logical_id, kind in types.items()},
        }

    def reference(self, logical_id: str, kind: str) -> str:
        match kind:
            case "AWS::S3::Bucket":
                return self.bucket(logical_id)
            case "AWS::SQS::Queue":
                return self.queue_url(logical_id)
            case "AWS::KMS::Key":
                return self.key(logical_id)
            case _:
                return logical_id

    def attributes(self, types: Mapping[str, str]) -> dict[tuple[str, str], str]:
        pairs = (self.attributes_of(logical_id, kind) for logical_id, kind in types.items())
        return dict(chain.from_iterable(pairs))

    def attributes_of(self, logical_id: str, kind: str) -> Iterable[tuple[tuple[str, str], str]]:
        match kind:
            case "AWS::S3::Bucket":
                yield (logical_id, "Arn"), f"arn:aws:s3:::{self.bucket(logical_id)}"
            case "AWS::SQS::Queue":
                yield (logical_id, "Arn"), self.queue_arn(logical_id)
                yield (logical_id, "QueueName"), self.queue(logical_id)
                yield (logical_id, "QueueUrl"), self.queue_url(logical_id)
            case "AWS::KMS::Key":
                yield (logical_id, "Arn"), f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/{self.key(logical_id)}"
                yield (logical_id, "KeyId"), self.key(logical_id)
            case "AWS::Serverless::Function":
                yield (logical_id, "Arn"), function_arn(logical_id)
            case "AWS::Serverless::HttpApi":
                yield (logical_id, "ApiEndpoint"), self.api_url


def function_arn(logical_id: str) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{logical_id}"
