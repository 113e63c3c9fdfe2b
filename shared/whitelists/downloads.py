"""Files that are too large for an answer: written to disk, put into S3, fetched from there by a link."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, BinaryIO
from uuid import uuid4

from shared.whitelists.entry_schemas import Download

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MAY_FETCH_FOR = timedelta(minutes=15)
CONTENT_TYPE = "text/csv; charset=utf-8"


@contextmanager
def local_file() -> Iterator[BinaryIO]:
    """A file that is gone afterwards; it is uploaded when the transaction that filled it has ended."""
    with TemporaryFile() as file:
        yield file


def signed_download(
    s3: "S3Client", bucket: str, file: BinaryIO, name: str, lines: int, now: datetime
) -> Download:
    """A link to a copy of the file, which nobody can guess and which S3 forgets in a day."""
    key = f"whitelist-exports/{uuid4()}.csv"
    file.seek(0)
    s3.put_object(
        Bucket=bucket,
        Key=key,
        Body=file,
        ContentType=CONTENT_TYPE,
        ContentDisposition=f'attachment; filename="{name}-{now:%Y-%m-%d}.csv"',
    )
    url = s3.generate_presigned_url(
        "get_object",
        Params={"Bucket": bucket, "Key": key},
        ExpiresIn=int(MAY_FETCH_FOR.total_seconds()),
    )
    return Download(url=url, lines=lines, expires_at=(now + MAY_FETCH_FOR).replace(microsecond=0))
