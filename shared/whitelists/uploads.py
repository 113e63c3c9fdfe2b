"""Uploaded files in S3: where they are put, how an admin may put one there, how it is read."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import unquote_plus
from uuid import UUID

from shared.whitelists.csv_text import LARGEST_FILE
from shared.whitelists.schemas import Upload

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONTENT_TYPE = "text/csv"
MAY_UPLOAD_FOR = timedelta(minutes=15)
BYTES_AT_ONCE = 256 * 1024

_KEY = re.compile(r"whitelist-imports/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.csv", re.ASCII)


def s3_client() -> "S3Client":
    """A client whose URLs name the region, for a bucket that is encrypted with KMS."""
    import boto3
    from botocore.config import Config

    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "virtual"},
        connect_timeout=5,
        read_timeout=20,
        retries={"mode": "standard", "max_attempts": 4},
    )
    return boto3.client("s3", config=config)


def upload_key(import_id: UUID) -> str:
    """The object that an import is read from."""
    return f"whitelist-imports/{import_id}.csv"


def import_id_of(key: str) -> UUID | None:
    """The import that an object is for; None for a key that we did not hand out."""
    found = _KEY.fullmatch(key)
    return UUID(found[1]) if found else None


def uploaded_keys(notification: dict[str, Any]) -> list[str]:
    """The keys that an S3 notification tells of; none for the test event of a new configuration."""
    return [unquote_plus(record["s3"]["object"]["key"]) for record in notification.get("Records", ())]


def signed_upload(s3: "S3Client", bucket: str, import_id: UUID, now: datetime) -> Upload:
    """Permission to post one file, for a quarter of an hour; S3 holds it to the type and the size."""
    form = s3.generate_presigned_post(
        bucket,
        upload_key(import_id),
        Fields={"Content-Type": CONTENT_TYPE},
        Conditions=[{"Content-Type": CONTENT_TYPE}, ["content-length-range", 0, LARGEST_FILE]],
        ExpiresIn=int(MAY_UPLOAD_FOR.total_seconds()),
    )
    return Upload(
        url=form["url"],
        method="POST",
        fields=form["fields"],
        expires_at=(now + MAY_UPLOAD_FOR).replace(microsecond=0),
        max_bytes=LARGEST_FILE,
    )


@contextmanager
def uploaded_file(s3: "S3Client", bucket: str, import_id: UUID) -> Iterator[BinaryIO]:
    """The file on this machine's disk, so that no transaction waits for S3; of too large a one the start."""
    with TemporaryFile() as file:
        body = s3.get_object(Bucket=bucket, Key=upload_key(import_id))["Body"]
        for chunk in body.iter_chunks(BYTES_AT_ONCE):
            file.write(chunk)
            if file.tell() > LARGEST_FILE:
                break
        body.close()
        yield file


def pieces_of(file: BinaryIO) -> Iterator[bytes]:
    """The file from its beginning, piece by piece."""
    file.seek(0)
    yield from iter(lambda: file.read(BYTES_AT_ONCE), b"")
