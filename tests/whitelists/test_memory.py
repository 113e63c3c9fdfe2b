"""The function needs as much memory for a large file as for a small one, whatever is in it."""

from collections.abc import Callable

import boto3
import pytest

from shared.whitelists.uploads import upload_key
from tests.databases import TestDatabase
from tests.whitelists.imports import Imports
from tests.whitelists.worker import Worker, worker

MOST = 128 * 10**6
SIZE, GROWTH = 30 * 10**6, 15 * 10**6


def repeated(line: Callable[[int], str]) -> bytes:
    """A large file with few addresses, so that the database has little to do."""
    some = "".join(map(line, range(1_000))).encode()
    return some * (SIZE // len(some))


LISTS = {
    "long lines": lambda n: f"student{n}@example.test,{'x' * 1_000}\n",
    "quoted lines": lambda n: f'"student{n}@example.test","{"a " * 150}\r\nb {"c " * 200}"\r\n',
    "bad lines": lambda n: f"{'bad ' * 150}{n}\n",
}


def imported(take: Worker, imports: Imports, bucket: str, content: bytes) -> int:
    """The most memory until the end of an import of this file."""
    asked = imports.ask()
    boto3.client("s3").put_object(Bucket=bucket, Key=upload_key(asked), Body=content)
    told = take(upload_key(asked))
    assert told.answer == {"batchItemFailures": []}
    assert imports.state(asked) == ("COMPLETED", None)
    return told.peak_bytes


@pytest.mark.parametrize("line", LISTS.values(), ids=LISTS)
def test_a_large_file_takes_hardly_more_memory_than_a_small_one(
    imports: Imports, database: TestDatabase, aws_url: str, bucket: str, line: Callable[[int], str]
) -> None:
    with worker(database, aws_url, bucket) as take:
        small = imported(take, imports, bucket, line(1).encode() * 1_000)
        large = imported(take, imports, bucket, repeated(line))
    assert large < MOST
    assert large - small < GROWTH
