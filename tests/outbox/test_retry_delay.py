"""How long a failed message waits."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as some

from shared.outbox.retry_delay import LONGEST, retry_delay


@given(attempts=some.integers(1, 100), spread=some.floats(0, 1, exclude_max=True))
def test_nothing_waits_longer_than_an_hour(attempts: int, spread: float) -> None:
    assert timedelta() <= retry_delay(attempts, lambda: spread) <= LONGEST


def test_the_ceiling_doubles_up_to_an_hour() -> None:
    ceilings = [retry_delay(attempts, lambda: 1.0) for attempts in range(1, 10)]
    assert [ceiling.total_seconds() for ceiling in ceilings] == [
        30, 60, 120, 240, 480, 960, 1920, 3600, 3600,
    ]  # fmt: skip


def test_what_failed_together_does_not_come_back_together() -> None:
    assert len({retry_delay(6) for _ in range(50)}) > 1
