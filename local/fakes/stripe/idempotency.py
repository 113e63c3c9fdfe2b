"""Idempotency keys as Stripe keeps them: for a day, by account.

What a call answered is kept once it began to work, a 500 too; a refusal of its parameters is not.
Source: docs.stripe.com/api/idempotent_requests.
"""

from dataclasses import dataclass
from typing import Any

from local.fakes.stripe.answers import StripeError

KEPT_SECONDS = 24 * 3600
LONGEST_KEY = 255


@dataclass(frozen=True)
class Answer:
    status: int
    document: dict[str, Any]
    request_id: str


@dataclass
class Kept:
    path: str
    parameters: dict[str, Any]
    at: int
    answer: Answer | None = None


class Idempotency:
    """Whoever calls holds the lock of the whole."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Kept] = {}

    def begin(self, scope: tuple[str, str], path: str, parameters: dict[str, Any], now: int) -> Answer | None:
        """The earlier answer, or None when this call is the first and has to `keep` or to `forget`."""
        key = scope[1]
        if len(key) > LONGEST_KEY:
            message = f"Idempotency key is longer than {LONGEST_KEY} characters."
            raise StripeError(400, message, kind="idempotency_error")
        kept = self._kept.get(scope)
        if kept is None or kept.at + KEPT_SECONDS <= now:
            self._kept[scope] = Kept(path, parameters, now)
            return None
        _check_same(kept, key, path, parameters)
        if kept.answer is None:
            message = f"There is currently another in-progress request using this Idempotency Key: {key}."
            raise StripeError(409, message, "idempotency_key_in_use", kind="idempotency_error")
        return kept.answer

    def keep(self, scope: tuple[str, str], answer: Answer) -> None:
        self._kept[scope].answer = answer

    def forget(self, scope: tuple[str, str]) -> None:
        del self._kept[scope]


def _check_same(kept: Kept, key: str, path: str, parameters: dict[str, Any]) -> None:
    message = "Keys for idempotent requests can only be used "
    if kept.path != path:
        message += f"for the same endpoint they were first used for ('{kept.path}' rather than '{path}')."
    elif kept.parameters != parameters:
        message += "with the same parameters they were first used with."
    else:
        return
    message += f" Try using a key other than '{key}' if you meant to execute a different request."
    raise StripeError(400, message, kind="idempotency_error")
