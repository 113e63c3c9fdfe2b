"""What Immersio, or the way to it, may answer instead of data."""

import json
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

RETRYABLE_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})

LEAST_WAIT_SECONDS, MOST_WAIT_SECONDS = 1.0, 300.0
# So large a number of seconds is a moment in Unix time.
_EPOCH = 1_000_000_000

# Codes come from outside and go into logs and answers.
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")


# What we tell ourselves, without a call: the host is left alone, the keys are known to be refused.
LEFT_ALONE, PAUSED = "left_alone", "paused"
OURS = frozenset({LEFT_ALONE, PAUSED})


class ImmersioFailed(Exception):
    """A call brought no data. `status` is None when no whole answer came.

    `code` is Immersio's own, or ours where it told none. `retryable` says whether the same call may
    succeed later without anybody changing anything, `retry_after` in how many seconds, when we know.
    """

    def __init__(
        self, code: str, *, retryable: bool, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(code)
        self.code = code
        self.retryable = retryable
        self.status = status
        self.retry_after = retry_after

    @property
    def is_the_hosts(self) -> bool:
        """The host, or the way to it, is in trouble, whatever is asked; being asked less is no trouble."""
        passing = self.status is None or self.status in RETRYABLE_STATUSES - {429}
        return self.retryable and passing and self.code not in OURS

    @property
    def is_of_the_call(self) -> bool:
        """Immersio has understood who asks, and refuses what is asked."""
        return (
            not self.retryable
            and self.status is not None
            and 400 <= self.status < 500
            and (not self.refused_credentials)
        )

    @property
    def refused_credentials(self) -> bool:
        return self.status == 401

    @property
    def forgot_our_place(self) -> bool:
        """Immersio does not know any more (or never knew) what the cursor or the watermark refers to."""
        return self.status == 410 or self.code == "invalid_cursor"


def failure_of(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> ImmersioFailed:
    """The failure that an answer other than 200 tells; by its status, whatever the body claims."""
    return ImmersioFailed(
        _code_in(body) or f"http_{status}",
        retryable=status in RETRYABLE_STATUSES,
        status=status,
        retry_after=wait_told(headers or {}, time.time()),
    )


def wait_told(headers: Mapping[str, str], now: float) -> float | None:
    """In how many seconds (1 to 300) to come again: by Retry-After, else by RateLimit-Reset.

    The first is seconds or a date, the second seconds or Unix time. `headers` by names in lower case.
    """
    for name in ("retry-after", "ratelimit-reset"):
        wait = _seconds(headers.get(name, "").strip(), now)
        if wait is not None:
            return min(max(wait, LEAST_WAIT_SECONDS), MOST_WAIT_SECONDS)
    return None


def _seconds(told: str, now: float) -> float | None:
    if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", told, re.ASCII):
        seconds = float(told)
        return seconds - now if seconds >= _EPOCH else seconds
    try:
        return parsedate_to_datetime(told).timestamp() - now
    except (ValueError, TypeError, OverflowError):
        return None


def _code_in(body: bytes) -> str | None:
    try:
        problem: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    code = problem.get("code") if isinstance(problem, dict) else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else None
