"""What names a booking, and what manages it."""

import secrets
from datetime import datetime


def new_uid(now: datetime) -> str:
    """32 hex digits that grow with time, so that a large index stays warm; 80 bits are random."""
    return f"{int(now.timestamp() * 1000):012x}{secrets.token_hex(10)}"


def new_token() -> str:
    """128 random bits, for a link."""
    return secrets.token_urlsafe(16)
