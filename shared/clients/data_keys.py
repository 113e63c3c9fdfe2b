"""Keys for files: made by KMS, and opened by it again only for whom and what they were made for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from shared.clients.sealing import SealBroken, told_as_ours

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient


@dataclass(frozen=True, slots=True)
class DataKey:
    """`plaintext` encrypts (32 bytes) and is never stored; `wrapped` is stored and opens for KMS alone."""

    plaintext: bytes = field(repr=False)
    wrapped: bytes = field(repr=False)


class DataKeys:
    """Makes and opens data keys under one KMS key.

    `context` is bound to the key and has to be the same again. Both raise `Busy` when KMS does not answer for
    the moment.
    """

    def __init__(self, key_id: str, *, kms: "KMSClient | None" = None) -> None:
        self._key_id = key_id
        self._given_kms = kms

    def make(self, context: Mapping[str, str]) -> DataKey:
        """A new key of 256 bits."""
        with told_as_ours():
            told = self._kms.generate_data_key(
                KeyId=self._key_id, KeySpec="AES_256", EncryptionContext=dict(context)
            )
        return DataKey(told["Plaintext"], told["CiphertextBlob"])

    def open(self, wrapped: bytes, context: Mapping[str, str]) -> DataKey:
        """The key that was made with this context. Raises SealBroken."""
        if not wrapped:
            raise SealBroken
        with told_as_ours():
            told = self._kms.decrypt(
                KeyId=self._key_id, CiphertextBlob=wrapped, EncryptionContext=dict(context)
            )
        return DataKey(told["Plaintext"], wrapped)

    @cached_property
    def _kms(self) -> "KMSClient":
        if self._given_kms is not None:
            return self._given_kms
        import boto3
        from botocore.config import Config

        limits = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard"})
        return boto3.session.Session().client("kms", config=limits)
