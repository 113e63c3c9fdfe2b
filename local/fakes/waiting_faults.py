"""Faults that were ordered and have not befallen anybody yet, for every fake."""

import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar


class Ordered(Protocol):
    """What befalls the next `times` calls that it is meant for, after `skip` others."""

    times: int
    skip: int


FaultT = TypeVar("FaultT", bound=Ordered)


class WaitingFaults(Generic[FaultT]):
    """The faults that wait, the first told first."""

    def __init__(self) -> None:
        self._waiting: list[FaultT] = []
        self._lock = threading.Lock()

    def add(self, faults: list[FaultT]) -> None:
        with self._lock:
            self._waiting += faults

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def next_for(self, befalls: Callable[[FaultT], bool]) -> FaultT | None:
        """What befalls a call, by the first fault that is meant for it; counts it."""
        with self._lock:
            for fault in self._waiting:
                if befalls(fault):
                    return self._count(fault)
        return None

    def _count(self, fault: FaultT) -> FaultT | None:
        if fault.skip:
            fault.skip -= 1
            return None
        fault.times -= 1
        if not fault.times:
            self._waiting.remove(fault)
        return fault
