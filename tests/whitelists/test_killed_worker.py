"""The process that imports is killed: the list is the old one, and the next delivery makes the new one."""

import boto3
import pytest
from sqlalchemy import text

from shared.whitelists.uploads import upload_key
from tests.databases import TestDatabase
from tests.waiting import eventually
from tests.whitelists.imports import Imports
from tests.whitelists.worker import worker

OLD = ["lan@example.test", "mai@example.test"]
NEW = b"mai@example.test\nnam@example.test\nnobody\n"

AT_THE_LIST = "SELECT pg_advisory_xact_lock(hashtextextended('whitelist', :event_type))"
AT_THE_ENTRIES = 'LOCK TABLE "WhitelistEntry" IN SHARE MODE'

WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = 'booking_app' AND wait_event_type = 'Lock'
"""


@pytest.mark.parametrize("step", [AT_THE_LIST, AT_THE_ENTRIES])
def test_a_worker_that_is_killed_leaves_the_old_list_and_the_next_makes_the_new_one(
    imports: Imports, database: TestDatabase, aws_url: str, bucket: str, step: str
) -> None:
    for address in OLD:
        imports.school.allow(address)
    asked = imports.ask("replace")
    boto3.client("s3").put_object(Bucket=bucket, Key=upload_key(asked), Body=NEW)
    with worker(database, aws_url, bucket) as doomed, database.owner.connect() as connection:
        in_its_way = connection.execution_options(isolation_level="READ COMMITTED")
        event_type = {"event_type": imports.school.lesson_id} if ":event_type" in step else {}
        in_its_way.execute(text(step), event_type)
        doomed.begin(upload_key(asked))
        eventually(lambda: database.value(WAITING))
        doomed.process.kill()
        doomed.process.wait()
        in_its_way.rollback()
        eventually(lambda: not database.value(WAITING))
    assert imports.listed() == OLD
    assert imports.state(asked) == ("PROCESSING", None)
    with worker(database, aws_url, bucket) as next_one:
        assert next_one(upload_key(asked)).answer == {"batchItemFailures": []}
    assert imports.listed() == ["mai@example.test", "nam@example.test"]
    assert imports.counts(asked) == [3, 1, 1, 1, 1]
