"""A new month for 100,000 schools, while they book: `make bench-reset`.

The batches of `open_month` are compared with the same statement for all schools at once, in one transaction.
Then students book at the schools that come first in a batch, for as long as a month is being opened and just
as long while none is: what they wait for longer is the opening.
"""

import argparse
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import count
from statistics import median
from typing import Any

from sqlalchemy import Engine, event

from bench.bookers import body_of_lesson
from bench.schools import SCHOOLS, Place, make_schools
from bench.side_by_side import measured, print_milliseconds, print_ratios, ratios
from local.postgres import temporary_postgres_server
from shared.bookings.create_booking import create_booking
from shared.bookings.schemas import NewBooking
from shared.database import connect_database, in_platform, in_tenant
from shared.tenant_scope import of_tenant
from shared.usage import open_month as module
from shared.usage.month_full import next_month
from shared.usage.open_month import OPEN, open_month
from tests.databases import TestDatabase, prepared_template

BARE, BATCHES, AGAIN = "one statement for all", "in batches", "in batches, a second time"
SETTINGS = {"fsync": "on", "full_page_writes": "on", "shared_buffers": "512MB"}
EVERYBODY = 1_000_000_000
HISTORY = 12

_FILL = (
    """INSERT INTO "Tenant" (id, name, subdomain, "subscriptionPlan", "maxTeachers", "maxBookingsPerMonth")
       SELECT 1000 + n, 'School ' || n, 'filler' || n, 'PRO', 50, 5000
       FROM generate_series(1, :schools) n""",
    """INSERT INTO users (id, email, name, "tenantId", "tenantRole", uuid)
       SELECT 1000000 + t * 6 + n, n || '@filler' || t || '.test', 'Somebody', 1000 + t,
              CASE WHEN n < 3 THEN 'TEACHER' WHEN n = 3 THEN 'TENANT_ADMIN' ELSE 'STUDENT' END,
              gen_random_uuid()
       FROM generate_series(1, :schools) t, generate_series(1, 6) n""",
    """INSERT INTO "EventType" (id, "tenantId", title, slug, length, "isPublished")
       SELECT 1000000 + t * 3 + n, 1000 + t, 'Lesson', 'lesson' || n, 30, n > 1
       FROM generate_series(1, :schools) t, generate_series(1, 3) n""",
    """INSERT INTO "TenantUsage" ("tenantId", year, month, "bookingsCount")
       SELECT id, 2000, n, 200 FROM generate_series(1, :history) n, "Tenant" ORDER BY n, id""",
    "VACUUM ANALYZE",
)


@dataclass
class Platform:
    """The schools, and the months that nobody has opened yet."""

    database: TestDatabase
    ops: Engine
    month: datetime = datetime(2001, 1, 1, tzinfo=UTC)
    lessons: Iterator[int] = field(default_factory=count)

    def bare(self) -> float:
        now = self._next()
        asked = {"after": 0, "batch": EVERYBODY, "year": now.year, "month": now.month, "now": now}
        return timed(lambda: in_platform(self.ops, lambda c: c.execute(OPEN, asked).one()))

    def batches(self) -> float:
        now = self._next()
        return timed(lambda: open_month(self.ops, now))

    def again(self) -> float:
        return timed(lambda: open_month(self.ops, self.month))

    def _next(self) -> datetime:
        self.month = next_month(self.month)
        return self.month


def timed(work: Callable[[], Any]) -> float:
    """In seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextmanager
def platform(schools: int) -> Iterator[Platform]:
    """On a server of its own, with durable commits."""
    with ExitStack() as stack:
        server = stack.enter_context(temporary_postgres_server(settings=SETTINGS))
        prepared_template(server.url)
        database = stack.enter_context(TestDatabase.copy_of_template(server.url))
        make_schools(database, SCHOOLS)
        for statement in _FILL:
            known = {"schools": schools, "history": HISTORY}
            database.rows(statement, **{name: known[name] for name in known if f":{name}" in statement})
        ops = connect_database(database.ops_url)
        stack.callback(ops.dispose)
        yield Platform(database, ops)


@contextmanager
def students(place: Platform, waits: list[float]) -> Iterator[None]:
    """Meanwhile they book, each at a school of their own, and note how long each booking took."""
    done = threading.Event()
    with ThreadPoolExecutor(2) as threads:
        asked = [threads.submit(_book_until, done, place, school, waits) for school in range(2)]
        try:
            yield
        finally:
            done.set()
        for each in asked:
            each.result()


def _book_until(done: threading.Event, platform: Platform, school: int, waits: list[float]) -> None:
    engine = connect_database(platform.database.app_url)
    teacher = school * 10_000 + 1
    while not done.is_set():
        place, number = Place(school, teacher, 0), next(platform.lessons)
        waits.append(timed(partial(_book, engine, place, number, platform.month)))
    engine.dispose()


def _book(engine: Engine, place: Place, number: int, now: datetime) -> None:
    command = NewBooking.model_validate_json(body_of_lesson(place, number))
    in_tenant(engine, of_tenant(place.tenant), lambda c: create_booking(c, command, None, now))


@contextmanager
def timed_transactions(engine: Engine, lengths: list[float]) -> Iterator[None]:
    """Nobody can wait for a transaction for longer than it lasts."""
    began: list[float] = []

    def begin(_: Any) -> None:
        began.append(time.perf_counter())

    def commit(_: Any) -> None:
        lengths.append(time.perf_counter() - began.pop())

    event.listen(engine, "begin", begin)
    event.listen(engine, "commit", commit)
    try:
        yield
    finally:
        event.remove(engine, "begin", begin)
        event.remove(engine, "commit", commit)


def longest_waits(place: Platform, rounds: int) -> dict[str, list[float]]:
    """The longest booking of each round, while a month is opened and while none is; and the longest batch."""
    told: dict[str, list[float]] = {"while nothing opens": [], "while a month is opened": [], "a batch": []}
    for _ in range(rounds):
        waits: list[float] = []
        with students(place, waits):
            time.sleep(1)
        told["while nothing opens"].append(max(waits))
        lengths: list[float] = []
        waits = []
        with students(place, waits), timed_transactions(place.ops, lengths):
            place.batches()
        told["while a month is opened"].append(max(waits))
        told["a batch"].append(max(lengths))
    return told


def main(schools: int, rounds: int) -> None:
    with platform(schools) as place:
        cases = {BARE: place.bare, BATCHES: place.batches, AGAIN: place.again}
        measured(cases, 1)
        samples = measured(cases, rounds)
        waits = longest_waits(place, rounds)
    print(f"{schools} schools in batches of {module.BATCH}")
    print_milliseconds("Milliseconds for all", samples)
    print_ratios("Of one statement for all", ratios(samples, BARE))
    print_milliseconds("Milliseconds of the longest booking of a round, and of the longest batch", waits)
    worst = {name: max(told) * 1000 for name, told in waits.items()}
    print(f"\n  worst of {rounds} rounds: " + ", ".join(f"{name} {ms:.0f}" for name, ms in worst.items()))
    blocked = [
        a - b for a, b in zip(waits["while a month is opened"], waits["while nothing opens"], strict=True)
    ]
    print(f"  the opening costs the longest booking {median(blocked) * 1000:.0f} ms")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schools", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--batch", type=int, default=module.BATCH)
    arguments = parser.parse_args()
    module.BATCH = arguments.batch
    main(arguments.schools, arguments.rounds)
