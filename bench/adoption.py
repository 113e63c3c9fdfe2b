"""A Cal.com with a million bookings is adopted while it goes on booking: `python -m bench.adoption`.

Tells the time of each revision, the longest transaction that could make anybody wait, and the longest
that a writer did wait, before and meanwhile. The server is one of its own, without fsync.
"""

import argparse
import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import NullPool

from local.postgres import temporary_postgres_server
from migrations import run
from shared.database import driver_url
from tests.adoption.calcom import build

WRITE = """
    INSERT INTO "Booking" (uid, "userId", "eventTypeId", title, "startTime", "endTime")
    SELECT 'meanwhile{n}', {n} % {hosts} + 1, 1, 'Meanwhile', starts, starts + interval '30 minutes'
    FROM (SELECT timestamp '2050-01-01' + interval '1 hour' * {n} AS starts) AS one
"""


@dataclass
class Writer:
    """Books as Cal.com does, one after the other; `waits` are the seconds that each took."""

    url: str
    hosts: int
    waits: list[float] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        stop = threading.Event()
        thread = threading.Thread(target=self._work, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _work(self, stop: threading.Event) -> None:
        engine = create_engine(driver_url(self.url), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            while not stop.is_set():
                began = time.perf_counter()
                connection.exec_driver_sql(WRITE.format(n=next(self.numbers), hosts=self.hosts))
                self.waits.append(time.perf_counter() - began)
                time.sleep(0.002)

    def told(self) -> str:
        ordered = sorted(self.waits)
        told = ", ".join(f"{name} {ordered[int(len(ordered) * part)] * 1000:.0f} ms" for name, part in PARTS)
        self.waits = []
        return f"{len(ordered)} bookings: {told}, longest {ordered[-1] * 1000:.0f} ms"


PARTS = (("median", 0.5), ("99 of 100 within", 0.99))


@dataclass
class Clock:
    """Reads a run's statements as they pass: what each transaction took, and each revision."""

    transactions: list[tuple[float, str]] = field(default_factory=list)
    revisions: list[tuple[str, float]] = field(default_factory=list)
    began: float = 0.0
    first: str = ""
    revision_began: float = 0.0

    def before(self, _: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if statement == "BEGIN":
            self.began, self.first = time.perf_counter(), ""
        elif not self.first:
            self.first = " ".join(statement.split())[:90]

    def after(self, _: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        now = time.perf_counter()
        if statement in ("COMMIT", "ROLLBACK"):
            self.transactions.append((now - self.began, self.first))
        if statement.startswith(("INSERT INTO alembic_version", "UPDATE alembic_version")):
            self.revisions.append((str(len(self.revisions) + 1), now - self.revision_began))
            self.revision_began = now


@contextmanager
def clocked() -> Iterator[Clock]:
    clock, make = Clock(), run._engine

    def engine(database_url: str) -> Engine:
        made = make(database_url)
        event.listen(made, "before_cursor_execute", clock.before)
        event.listen(made, "after_cursor_execute", clock.after)
        return made

    run._engine = engine
    clock.revision_began = time.perf_counter()
    try:
        yield clock
    finally:
        run._engine = make


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--bookings", type=int, default=1_000_000)
    options.add_argument("--hosts", type=int, default=200)
    asked = options.parse_args()
    with temporary_postgres_server(settings={"shared_buffers": "512MB", "max_wal_size": "4GB"}) as server:
        print(f"building a Cal.com with {asked.bookings:,} bookings of {asked.hosts} hosts", flush=True)
        engine = create_engine(driver_url(server.url), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            build(connection, hosts=asked.hosts, bookings=asked.bookings)
            connection.exec_driver_sql("VACUUM ANALYZE")
        engine.dispose()
        writer = Writer(server.url, asked.hosts)
        with writer.at_work():
            time.sleep(5)
        print(f"before    {writer.told()}")
        with clocked() as clock, writer.at_work():
            began = time.perf_counter()
            run.upgrade(server.url)
            took = time.perf_counter() - began
        print(f"meanwhile {writer.told()}")
        report(clock, took)


def report(clock: Clock, took: float) -> None:
    print(f"adopted in {took:.1f} s")
    for number, seconds in clock.revisions:
        print(f"  revision {number}: {seconds:.1f} s")
    for name, kind in KINDS.items():
        found = [each for each in clock.transactions if kind == _kind(each[1])]
        print(f"longest transactions that lock {name}:")
        for seconds, first in sorted(found, reverse=True)[:3]:
            print(f"  {seconds * 1000:6.0f} ms  {first}")


KINDS = {
    "a whole table": "definition",
    "rows that somebody may want to change": "rows",
    "nobody out (validations)": "validation",
}


def _kind(first: str) -> str:
    if " VALIDATE " in first:
        return "validation"
    return "rows" if first.startswith(("UPDATE", "INSERT", "CREATE TEMPORARY")) else "definition"


if __name__ == "__main__":
    main()
