"""What Immersio, or the way to it, may answer instead of data."""

import json
import re
from typing import Any

RETRYABLE_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})

# Codes come from outside and go into logs and answers.
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")


class ImmersioFailed(Exception):
    """A call brought no data. `status` is None when no whole answer came.

    `code` is Immersio's own, or ours where it told none. `retryable` says whether the same call may
    succeed later without anybody changing anything.
    """

    def __init__(self, code: str, *, retryable: bool, status: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.retryable = retryable
        self.status = status

    @property
    def refused_credentials(self) -> bool:
        return self.status == 401

    @property
    def forgot_our_place(self) -> bool:
        """Immersio does not know any more (or never knew) what the cursor or the watermark refers to."""
        return self.status == 410 or self.code == "invalid_cursor"


def failure_of(status: int, body: bytes) -> ImmersioFailed:
    """The failure that an answer other than 200 tells; by its status, whatever the body claims."""
    return ImmersioFailed(
        _code_in(body) or f"http_{status}", retryable=status in RETRYABLE_STATUSES, status=status
    )


def _code_in(body: bytes) -> str | None:
    try:
        problem: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    code = problem.get("code") if isinstance(problem, dict) else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else None
