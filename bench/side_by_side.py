"""Measuring side by side: each case once a round, so that a neighbour's load meets all of them alike."""

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

Sample = TypeVar("Sample")


@dataclass(frozen=True, slots=True)
class Ratio:
    """The median over the rounds, and the quartiles around it."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:5.2f}  ({self.low:.2f} to {self.high:.2f})"


def measured(cases: Mapping[str, Callable[[], Sample]], rounds: int) -> dict[str, list[Sample]]:
    """What each case told in each round; the order changes from round to round."""
    samples: dict[str, list[Sample]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name in random.sample(list(cases), len(cases)):
            samples[name].append(cases[name]())
    return samples


def ratios(samples: Mapping[str, list[float]], base: str) -> dict[str, Ratio]:
    """Each case against the case `base` of the same round."""
    return {name: ratio(told, samples[base]) for name, told in samples.items()}


def ratio(told: Iterable[float], base: Iterable[float]) -> Ratio:
    """One case against another, round by round."""
    of_rounds = sorted(one / other for one, other in zip(told, base, strict=True))
    quarter = len(of_rounds) // 4
    return Ratio(median(of_rounds), of_rounds[quarter], of_rounds[-1 - quarter])


def print_ratios(title: str, told: Mapping[str, Ratio]) -> None:
    print(f"\n{title}")
    width = max(map(len, told))
    for name, one in told.items():
        print(f"  {name:{width}}  {one}")


def print_milliseconds(title: str, samples: Mapping[str, list[float]]) -> None:
    """Medians of seconds; they are this machine's, and only their ratios are anybody else's."""
    print(f"\n{title}")
    width = max(map(len, samples))
    for name, told in samples.items():
        print(f"  {name:{width}}  {median(told) * 1000:8.2f}")
