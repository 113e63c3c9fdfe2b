"""Stripe's webhook signature, scheme v1: HMAC-SHA256 of `{timestamp}.{body}` in hexadecimal.

Checked here rather than by Stripe's SDK, which takes as long to load as the whole function, accepts
times in the future and fails on bodies that are not UTF-8. Source: docs.stripe.com/webhooks/signature.
"""

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.payments.errors import SignatureInvalid

# Either way: a clock that is ahead is as wrong as an old message that is sent again.
TOLERANCE_SECONDS = 300

_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Signature:
    """What the header says: the digits of its time, and its digests of scheme v1."""

    timestamp: str
    digests: list[str]


def check_signature(header: str | None, body: bytes, secrets: Iterable[str], now: datetime) -> None:
    """Return when one of `secrets` signed exactly these bytes lately. Raises SignatureInvalid."""
    signature = read_header(header)
    if abs(now.timestamp() - int(signature.timestamp)) > TOLERANCE_SECONDS:
        raise SignatureInvalid
    if not any(_is_signed_by(secret, signature, body) for secret in secrets):
        raise SignatureInvalid


def read_header(header: str | None) -> Signature:
    """`t=…,v1=…[,v1=…]`; other schemes are passed over. Raises SignatureInvalid."""
    pairs = [part.strip().partition("=") for part in (header or "").split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    digests = [value for name, _, value in pairs if name == "v1"]
    if len(times) != 1 or not _TIMESTAMP.fullmatch(times[0]):
        raise SignatureInvalid
    if not digests or not all(_DIGEST.fullmatch(digest) for digest in digests):
        raise SignatureInvalid
    return Signature(times[0], digests)


def _is_signed_by(secret: str, signature: Signature, body: bytes) -> bool:
    signed = signature.timestamp.encode() + b"." + body
    expected = hmac.new(secret.encode(), signed, "sha256").hexdigest()
    return any(hmac.compare_digest(expected, digest) for digest in signature.digests)
