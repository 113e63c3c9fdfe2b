"""S3 tells the queue, the queue tells the function: what it drops, what comes again, what it imports."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import boto3
import pytest

from shared.whitelists.uploads import upload_key
from tests.functions import LoadedFunction, sqs_event
from tests.schools import School, make_school
from tests.whitelists.imports import Imports, first_notification, notification

DONE: dict[str, list[dict[str, str]]] = {"batchItemFailures": []}
M0_COMES_AGAIN = {"batchItemFailures": [{"itemIdentifier": "m0"}]}
LIST = b"email\nmai@example.test\nnobody\n"


def put(bucket: str, import_id: UUID, content: bytes) -> str:
    """Upload a file as the admin does; returns its key."""
    key = upload_key(import_id)
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=content, ContentType="text/csv")
    return key


def test_the_test_event_of_a_new_bucket_is_ignored(importer: LoadedFunction, bucket: str) -> None:
    assert importer(sqs_event(first_notification(bucket))) == DONE


@pytest.mark.parametrize(
    "key",
    [
        "whitelist-imports/../{id}.csv",
        "whitelist-imports/{id}.csv.exe",
        "whitelist-imports/{id}.csv\n",
        "other/{id}.csv",
        "{id}.csv",
        "whitelist-imports/1.csv",
    ],
)
def test_a_key_that_we_did_not_hand_out_is_dropped(
    importer: LoadedFunction, imports: Imports, key: str
) -> None:
    asked = imports.ask()
    assert importer(sqs_event(notification(key.format(id=asked)))) == DONE
    assert imports.state(asked) == ("AWAITING_UPLOAD", None)


def test_an_import_that_nobody_asked_for_is_dropped(importer: LoadedFunction, bucket: str) -> None:
    assert importer(sqs_event(notification(put(bucket, uuid4(), LIST)))) == DONE


@pytest.mark.parametrize("body", ["no json", '{"Records": [{}]}'])
def test_a_message_that_cannot_be_read_comes_again(importer: LoadedFunction, body: str) -> None:
    assert importer(sqs_event(body)) == M0_COMES_AGAIN


def test_a_file_that_is_no_list_fails_its_import_and_not_its_message(
    importer: LoadedFunction, imports: Imports, bucket: str
) -> None:
    asked = imports.ask()
    assert importer(sqs_event(notification(put(bucket, asked, b"PK\x03\x04rest")))) == DONE
    assert imports.state(asked) == ("FAILED", "not_a_csv")


def test_a_file_that_is_not_there_comes_again(importer: LoadedFunction, imports: Imports) -> None:
    asked = imports.ask()
    assert importer(sqs_event(notification(upload_key(asked)))) == M0_COMES_AGAIN
    assert imports.state(asked) == ("AWAITING_UPLOAD", None)


def test_only_the_message_that_failed_comes_again(
    importer: LoadedFunction, imports: Imports, bucket: str
) -> None:
    missing, good = imports.ask(), imports.ask()
    key = put(bucket, good, LIST)
    told = importer(sqs_event(notification(upload_key(missing)), notification(key)))
    assert told == M0_COMES_AGAIN
    assert imports.state(good) == ("COMPLETED", None)


def test_a_database_that_is_away_brings_the_message_again_and_then_the_same_list(
    importer: LoadedFunction, imports: Imports, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = imports.ask()
    message = sqs_event(notification(put(bucket, asked, LIST)))

    def crashing(*_: object) -> Iterator[bytes]:
        yield LIST * 20_000
        raise ConnectionResetError

    with monkeypatch.context() as broken:
        broken.setattr(importer.module, "pieces_of", crashing)
        assert importer(message) == M0_COMES_AGAIN
    assert imports.listed() == []
    assert importer(message) == DONE
    assert imports.listed() == ["mai@example.test"]


def test_the_school_is_the_imports_whatever_else_is_told(
    importer: LoadedFunction, imports: Imports, school: School, bucket: str
) -> None:
    lotus = make_school(school.database, "lotus")
    asked = imports.ask()
    importer(sqs_event(notification(put(bucket, asked, LIST))))
    listed = school.database.rows('SELECT "tenantId", "eventTypeId" FROM "WhitelistEntry"')
    assert listed == [{"tenantId": school.id, "eventTypeId": school.lesson_id}]
    assert lotus.id != school.id


def test_an_uploaded_list_is_imported_once_however_often_it_is_told(
    importer: LoadedFunction, imports: Imports, bucket: str
) -> None:
    asked = imports.ask()
    key = put(bucket, asked, LIST)
    assert importer(sqs_event(notification(key), notification(key, key))) == DONE
    assert imports.state(asked) == ("COMPLETED", None)
    assert imports.counts(asked) == [2, 1, 0, 0, 1]
    assert imports.rejections(asked) == [(3, "nobody", "not_an_address")]
    put(bucket, asked, b"late@example.test")
    assert importer(sqs_event(notification(key))) == DONE
    assert imports.listed() == ["mai@example.test"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 1, 0, 1), (1, 1, 0)])
def test_two_lists_are_merged_to_the_same_in_whatever_order_they_are_told(
    importer: LoadedFunction, imports: Imports, bucket: str, order: tuple[int, ...]
) -> None:
    keys = [
        put(bucket, imports.ask(), LIST),
        put(bucket, imports.ask(), b"mai@example.test\nlan@example.test"),
    ]
    for number in order:
        assert importer(sqs_event(notification(keys[number]))) == DONE
    assert imports.listed() == ["lan@example.test", "mai@example.test"]


def test_a_list_that_replaced_another_is_not_undone_when_that_is_told_again(
    importer: LoadedFunction, imports: Imports, bucket: str
) -> None:
    old, new = imports.ask("replace"), imports.ask("replace")
    old_key, new_key = put(bucket, old, LIST), put(bucket, new, b"lan@example.test")
    for key in (old_key, new_key, old_key):
        assert importer(sqs_event(notification(key))) == DONE
    assert imports.listed() == ["lan@example.test"]
    assert imports.counts(old) == [2, 1, 0, 0, 1]


def test_a_file_larger_than_s3_should_have_taken_changes_no_list(
    importer: LoadedFunction, imports: Imports, school: School, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    school.allow("lan@example.test")
    for module in ("csv_text", "uploads"):
        monkeypatch.setattr(f"shared.whitelists.{module}.LARGEST_FILE", 300_000)
    asked = imports.ask("replace")
    assert importer(sqs_event(notification(put(bucket, asked, LIST * 20_000)))) == DONE
    assert imports.state(asked) == ("FAILED", "file_too_large")
    assert imports.listed() == ["lan@example.test"]


def test_no_line_of_a_file_is_logged(
    importer: LoadedFunction, imports: Imports, bucket: str, caplog: pytest.LogCaptureFixture
) -> None:
    importer(sqs_event(notification(put(bucket, imports.ask(), b"mai@example.test\nno address\n"))))
    importer(sqs_event(notification(upload_key(imports.ask()))))
    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert "imported" in logged
    assert "message comes again" in logged
    assert "mai@" not in logged
    assert "no address" not in logged
