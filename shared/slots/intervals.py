"""Sets of seconds as sorted lists of half-open intervals."""

from collections.abc import Iterable

from shared.slots.types import Interval


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The same set in order, without overlaps: what overlaps or touches becomes one, empty ones vanish.

    Raises ValueError for an interval that ends before it starts.
    """
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if end < start:
            raise ValueError(f"an interval ends before it starts: {start}, {end}")
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        elif start < end:
            joined.append((start, end))
    return joined
