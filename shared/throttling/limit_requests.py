"""Whoever asks too often is told to wait."""

from datetime import datetime

from sqlalchemy import Connection

from shared.errors import TooManyRequests
from shared.throttling.count_request import count_request

WINDOW_SECONDS = 10 * 60


def limit_requests(connection: Connection, kind: str, source: str, most: int, now: datetime) -> None:
    """Count one of this `kind` from `source`, a digest. Raises TooManyRequests beyond `most` in a window."""
    if count_request(connection, kind, source, WINDOW_SECONDS, now) > most:
        raise TooManyRequests
