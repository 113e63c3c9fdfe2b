"""Carries events to who listens, behind the back of whoever caused them."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from local.fakes.stripe.delivery import Attempt, Endpoint, deliver
from local.fakes.stripe.state import Account

MOST_AT_ONCE = 100


class Courier:
    """`waits` are the seconds between the tries of one delivery."""

    def __init__(self, waits: Sequence[float]) -> None:
        self._waits = waits
        self._on_the_way = 0
        self._changed = threading.Condition()

    def post(self, letters: Sequence[tuple[Account, Endpoint, dict[str, Any]]]) -> None:
        """One after the other, and without waiting for it."""
        if not letters:
            return
        with self._changed:
            self._on_the_way += 1
        threading.Thread(target=self._carry, args=(letters,), daemon=True).start()

    def tell(
        self, letters: Sequence[tuple[Account, Endpoint, dict[str, Any]]], *, at_once: bool = False
    ) -> list[Attempt]:
        """Returns when every letter has arrived or was given up."""
        with ThreadPoolExecutor(MOST_AT_ONCE if at_once else 1) as senders:
            tried = list(senders.map(self._deliver, letters))
        return [attempt for attempts in tried for attempt in attempts]

    def wait(self, seconds: float) -> bool:
        """Whether nothing is on its way any more."""
        with self._changed:
            return self._changed.wait_for(lambda: self._on_the_way == 0, timeout=seconds)

    def _carry(self, letters: Sequence[tuple[Account, Endpoint, dict[str, Any]]]) -> None:
        try:
            for letter in letters:
                self._deliver(letter)
        finally:
            with self._changed:
                self._on_the_way -= 1
                self._changed.notify_all()

    def _deliver(self, letter: tuple[Account, Endpoint, dict[str, Any]]) -> list[Attempt]:
        account, endpoint, event = letter
        attempts = deliver(endpoint, event, self._waits)
        account.attempts += attempts
        return attempts
