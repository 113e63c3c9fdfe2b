"""A KMS with one key, in this process."""

from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import pytest
from moto import mock_aws


@contextmanager
def kms_key(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yields the id of a key; the environment has a region and no endpoint, as in the cloud."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield boto3.client("kms").create_key()["KeyMetadata"]["KeyId"]
