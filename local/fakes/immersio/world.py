"""All of the fake Immersio: its schools, its clock, what it allows, and what is about to go wrong."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from local.fakes.immersio.faults import Fault
from local.fakes.immersio.refusals import Refused
from local.fakes.immersio.schools import School
from local.fakes.waiting_faults import WaitingFaults

CALLS_A_MINUTE = 100


@dataclass
class World:
    """`clock_offset` is how far its time is ahead of ours, in seconds, `skew` how wrong its clock goes."""

    schools: dict[str, School] = field(default_factory=dict)
    faults: WaitingFaults[Fault] = field(default_factory=WaitingFaults)
    clock_offset: float = 0.0
    skew: float = 0.0
    calls_a_minute: int = CALLS_A_MINUTE

    def elapsed(self) -> float:
        """Seconds that no wrong clock changes."""
        return time.time() + self.clock_offset

    def seconds(self) -> float:
        return self.elapsed() + self.skew

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds(), UTC)

    def known(self, api_key: str) -> School:
        """Raises Refused."""
        if api_key not in self.schools:
            raise Refused(404, "no_such_school")
        return self.schools[api_key]
