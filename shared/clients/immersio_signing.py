"""How a call to Immersio is signed: HMAC-SHA256 over what is asked, when, and once."""

import hashlib
import hmac
import uuid
from collections.abc import Mapping
from urllib.parse import quote


def query_text(parameters: Mapping[str, str]) -> str:
    """The query, percent-encoded and sorted: what is sent and what is signed are the same text."""
    pairs = sorted((quote(name, safe=""), quote(value, safe="")) for name, value in parameters.items())
    return "&".join(f"{name}={value}" for name, value in pairs)


def signature(secret: str, *asked: str, body: bytes = b"") -> str:
    """Hexadecimal signature of `asked`: method, raw path, query, Unix seconds, nonce."""
    canonical = "\n".join(("v1", *asked, hashlib.sha256(body).hexdigest()))
    return hmac.new(secret.encode(), canonical.encode(), hashlib.sha256).hexdigest()


def signed_headers(
    api_key: str, secret: str, method: str, path: str, query: str, *, now: float, body: bytes = b""
) -> dict[str, str]:
    """The headers of one call; another attempt needs them anew. `now` is Unix seconds."""
    timestamp, nonce = str(int(now)), str(uuid.uuid4())
    return {
        "X-Api-Key": api_key,
        "X-Timestamp": timestamp,
        "X-Nonce": nonce,
        "X-Signature": "v1=" + signature(secret, method, path, query, timestamp, nonce, body=body),
    }
