import pytest

from shared.slots.intervals import merged


def test_an_interval_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="an interval ends before it starts: 2, 1"):
        merged([(0, 5), (2, 1)])


def test_what_overlaps_or_touches_becomes_one_whatever_the_order() -> None:
    assert merged([(20, 30), (0, 5), (5, 7), (3, 4), (8, 9), (25, 26)]) == [(0, 7), (8, 9), (20, 30)]


def test_an_empty_interval_vanishes() -> None:
    assert merged([(1, 1), (3, 4), (4, 4), (6, 6)]) == [(3, 4)]
    assert merged([]) == []
