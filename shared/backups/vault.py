"""Where backups lie: objects that nobody can change or delete before their time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO

from shared.backups.identity import Identity

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BYTES_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class StoredBackup:
    """An object's key, and which of its versions."""

    key: str
    version: str | None


@dataclass
class Vault:
    """A bucket with Object Lock; what is put there stays for `retention_days`."""

    bucket: str
    retention_days: int

    def put(self, identity: Identity, file: BinaryIO, now: datetime) -> StoredBackup:
        """Store the file; up to 5 GB."""
        file.seek(0)
        key = key_of(identity)
        told = self._s3.put_object(
            Bucket=self.bucket,
            Key=key,
            Body=file,
            ContentType="application/octet-stream",
            ChecksumAlgorithm="SHA256",
            ObjectLockMode="COMPLIANCE",
            ObjectLockRetainUntilDate=now + timedelta(days=self.retention_days),
        )
        return StoredBackup(key, told.get("VersionId"))

    def fetch(self, stored: StoredBackup, file: BinaryIO) -> None:
        """Write the object into `file`."""
        version: dict[str, Any] = {"VersionId": stored.version} if stored.version else {}
        body = self._s3.get_object(Bucket=self.bucket, Key=stored.key, **version)["Body"]
        file.writelines(body.iter_chunks(BYTES_AT_ONCE))

    @cached_property
    def _s3(self) -> "S3Client":
        import boto3
        from botocore.config import Config

        config = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard", "max_attempts": 4})
        return boto3.client("s3", config=config)


def key_of(identity: Identity) -> str:
    """A school's backups lie together."""
    return f"tenants/{identity.tenant_id}/{identity.backup_id}.backup"
