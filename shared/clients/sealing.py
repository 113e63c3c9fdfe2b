"""Secrets of the schools, sealed by KMS so that they open for their own tenant and column only."""

import base64
import binascii
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from shared.errors import Busy

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

VERSION = "v1:"
# KMS takes no more in one call, and nothing larger is a key.
LARGEST_SECRET = 4096
REMEMBERED_SECONDS = 300.0
MOST_REMEMBERED = 1_000

_NOT_OURS = ("InvalidCiphertextException", "IncorrectKeyException")
_PASSING = (
    "ThrottlingException",
    "DependencyTimeoutException",
    "KMSInternalException",
    "KeyUnavailableException",
)

_Place = tuple[int, str, str]


class SealBroken(Exception):
    """The text was sealed for another tenant, another column or another key, or was changed since."""


class Sealer:
    """Seals and opens under one KMS key; what was opened is remembered for five minutes.

    Both raise `Busy` when KMS does not answer for the moment. `clock` counts seconds, also
    those in which the function was frozen.
    """

    def __init__(
        self, key_id: str, *, clock: Callable[[], float] = time.time, kms: "KMSClient | None" = None
    ) -> None:
        self._key_id = key_id
        self._given_kms = kms
        self._clock = clock
        # The tenant and the name are part of the key: a moved text must not open from memory either.
        self._opened: dict[_Place, tuple[float, str]] = {}

    def seal(self, tenant_id: int, name: str, plaintext: str) -> str:
        """`plaintext` (1 to 4096 bytes) as text that is safe at rest; `name` is the column it goes to."""
        secret = plaintext.encode()
        if not 1 <= len(secret) <= LARGEST_SECRET:
            raise ValueError(f"a secret has 1 to {LARGEST_SECRET} bytes")
        with told_as_ours():
            told = self._kms.encrypt(
                KeyId=self._key_id, Plaintext=secret, EncryptionContext=_context(tenant_id, name)
            )
        return VERSION + base64.urlsafe_b64encode(told["CiphertextBlob"]).decode()

    def open(self, tenant_id: int, name: str, sealed: str) -> str:
        """What was sealed for this tenant and name. Raises SealBroken."""
        place = (tenant_id, name, sealed)
        until, plaintext = self._opened.get(place, (0.0, ""))
        if self._clock() < until:
            return plaintext
        plaintext = self._decrypted(tenant_id, name, sealed)
        self._remember(place, plaintext)
        return plaintext

    def _decrypted(self, tenant_id: int, name: str, sealed: str) -> str:
        blob = _ciphertext(sealed)
        with told_as_ours():
            told = self._kms.decrypt(
                KeyId=self._key_id, CiphertextBlob=blob, EncryptionContext=_context(tenant_id, name)
            )
        return told["Plaintext"].decode()

    def _remember(self, place: _Place, plaintext: str) -> None:
        now = self._clock()
        kept = {each: (until, text) for each, (until, text) in self._opened.items() if now < until}
        if len(kept) >= MOST_REMEMBERED:
            kept = {}
        self._opened = {**kept, place: (now + REMEMBERED_SECONDS, plaintext)}

    @cached_property
    def _kms(self) -> "KMSClient":
        if self._given_kms is not None:
            return self._given_kms
        # Loaded at the first secret that memory does not hold: most invocations never need it.
        import boto3
        from botocore.config import Config

        limits = Config(
            connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2}
        )
        return boto3.session.Session().client("kms", config=limits)


def _context(tenant_id: int, name: str) -> dict[str, str]:
    return {"tenant": str(tenant_id), "name": name}


def _ciphertext(sealed: str) -> bytes:
    try:
        blob = base64.b64decode(sealed.removeprefix(VERSION), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise SealBroken from None
    if not sealed.startswith(VERSION) or not blob:
        raise SealBroken
    return blob


@contextmanager
def told_as_ours() -> Iterator[None]:
    """KMS's errors as ours, except for those that only an operator can mend."""
    from botocore import exceptions

    try:
        yield
    except (exceptions.HTTPClientError, exceptions.ConnectionError) as error:
        raise Busy from error
    except exceptions.ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _NOT_OURS:
            raise SealBroken from None
        if code in _PASSING:
            raise Busy from error
        raise
