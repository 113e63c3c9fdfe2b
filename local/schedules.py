"""EventBridge's schedules for one machine: fired when they are due, or when somebody asks."""

import json
import threading
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from local.functions import Functions
from local.names import ACCOUNT_ID, REGION
from local.sandbox import Invocation
from local.template import Schedule


def event_of(schedule: Schedule, at: datetime) -> Any:
    """The input that the template writes down, else what the service sends by itself.

    Neither service documents its own event in full. EventBridge Scheduler's is that of a rule with
    another source and, unlike a rule's, `detail` as a text.
    """
    if schedule.event is not None:
        return json.loads(schedule.event)
    rule = schedule.source == "aws.events"
    kind, name = ("rule", "") if rule else ("schedule", "default/")
    service = schedule.source.removeprefix("aws.")
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": schedule.source,
        "account": ACCOUNT_ID,
        "time": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:{service}:{REGION}:{ACCOUNT_ID}:{kind}/{name}{schedule.logical_id}"],
        "detail": {} if rule else "{}",
    }


@dataclass
class Schedules:
    """Firing one does not wait for the last to end, and a failure is for the function's log."""

    schedules: Sequence[Schedule]
    functions: Functions
    _stopping: threading.Event = field(default_factory=threading.Event)
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(8, "schedule"))

    def find(self, name: str) -> Schedule | None:
        """By the id that SAM makes, or by the event's own when only one schedule has it."""
        exact = [schedule for schedule in self.schedules if schedule.logical_id == name]
        alike = exact or [schedule for schedule in self.schedules if schedule.event_id == name]
        return alike[0] if len(alike) == 1 else None

    def fire(self, schedule: Schedule) -> Invocation:
        return self.functions.invoke(schedule.function, event_of(schedule, datetime.now(UTC)))

    def run(self) -> None:
        due = self.upcoming(datetime.now(UTC), self.schedules)
        while due and not self._stopping.is_set():
            schedule, at = min(due.items(), key=lambda item: item[1])
            if not self._stopping.wait(max(0.0, (at - datetime.now(UTC)).total_seconds())):
                # Refused when the run ended meanwhile.
                with suppress(RuntimeError):
                    self._threads.submit(self.fire, schedule)
                del due[schedule]
                due.update(self.upcoming(max(at, datetime.now(UTC)), [schedule]))

    def upcoming(self, after: datetime, schedules: Sequence[Schedule]) -> dict[Schedule, datetime]:
        times = {
            schedule: schedule.timetable.next_after(after, schedule.zone)
            for schedule in schedules
            if schedule.enabled
        }
        return {schedule: at for schedule, at in times.items() if at is not None}

    def stop(self) -> None:
        self._stopping.set()
        self._threads.shutdown(wait=False, cancel_futures=True)


@contextmanager
def kept_schedules(schedules: Sequence[Schedule], functions: Functions) -> Iterator[Schedules]:
    """Rates count from the start of the run."""
    keeper = Schedules(schedules, functions)
    threading.Thread(target=keeper.run, name="schedules", daemon=True).start()
    try:
        yield keeper
    finally:
        keeper.stop()
