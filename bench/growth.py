"""What a booking and a list of free times cost when there are many bookings: `make bench-growth`.

Two databases on one server, with 10,000 bookings and with --rows of them, of as many more schools and years.
Each booking is made at a school drawn anew, so that no school's part of an index stays warm.
"""

import argparse
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from bench.clients import Clients, clients
from bench.floor import HERE, Booked, install_floor, run_pgbench
from bench.schools import FIRST_START, LESSON_MINUTES, TEACHERS, Place
from bench.server_time import with_server_time
from bench.side_by_side import measured, print_milliseconds, print_ratios, ratio
from bench.tables import COMING, Size, fill, fill_places
from local.postgres import PostgresServer, temporary_postgres_server
from tests.databases import TestDatabase, prepared_template

SMALL = Size(rows=10_000, teachers=10_000 // COMING)
LESSONS_A_TEACHER = 1_000
LEAST_ROWS = LESSONS_A_TEACHER * TEACHERS
# Their bookings begin after the month whose free times are asked for: that month stays as it was filled.
FIRST_LESSON = 31 * 24 * 60 // LESSON_MINUTES
# Longer than any neighbours are apart; nothing that the number of teachers is a multiple of.
STRIDE = 7_919
SLICE_SECONDS = 1

# A vacuum that begins in the middle would be somebody's cost, and not by size.
SETTINGS = {"max_wal_size": "4GB", "autovacuum": "off"}

CASES = {
    "two functions": "two_calls",
    "handler": "handler",
    "free times of 30 days": "free_times",
    "their query": "query_of_free_times",
}
FLOOR = "pgbench, one function"

Case = Callable[[], Booked]


@dataclass(frozen=True, slots=True)
class Tour:
    """A way from teacher to teacher, whose next lesson is taken each time; growth.pgbench goes the same."""

    teachers: int
    first: int

    def step(self, count: int) -> tuple[Place, int]:
        number = self.first + count
        teacher = number * STRIDE % self.teachers
        school = teacher // TEACHERS
        place = Place(school, school * 10_000 + teacher % TEACHERS + 1, 0)
        return place, FIRST_LESSON + number // self.teachers


@dataclass
class Grown:
    """A database of that size, and a client of its."""

    size: Size
    database: TestDatabase
    server: PostgresServer
    client: Clients
    _next: int = 1

    def cases(self) -> dict[str, Case]:
        ours = {name: partial(self._measured, partial(self._ours, booker)) for name, booker in CASES.items()}
        return {FLOOR: partial(self._measured, self._floor), **ours}

    def warm(self) -> None:
        """Book at each teacher's, so that nothing that is measured is the first to read a page."""
        first = self._next
        while self._next - first < self.size.teachers:
            self.cases()[FLOOR]()

    def _measured(self, book: Case) -> Booked:
        booked = with_server_time(self.server, book)
        self._next += booked.count + 1
        return booked

    def _ours(self, booker: str) -> Booked:
        return self.client.book(booker, [Tour(self.size.teachers, self._next)], SLICE_SECONDS)

    def _floor(self) -> Booked:
        program, script = self.server.binaries / "pgbench", HERE / "growth.pgbench"
        told = {"n": self._next, "teachers": self.size.teachers, "stride": STRIDE,
                "first_lesson": FIRST_LESSON, "first_start": FIRST_START,
                "lesson_seconds": LESSON_MINUTES * 60}  # fmt: skip
        return run_pgbench(program, self.database.owner_url, script, told, 1, SLICE_SECONDS)


@contextmanager
def grown(server: PostgresServer, size: Size) -> Iterator[Grown]:
    with TestDatabase.copy_of_template(server.url) as database:
        seconds = fill(database, size)
        install_floor(database)
        print(f"{size.rows:,} bookings at {size.schools:,} schools made in {seconds:.0f} s", flush=True)
        with clients(1, database.app_url) as client:
            yield Grown(size, database, server, client)


def compare(small: Grown, large: Grown, *, with_past: bool, rounds: int) -> None:
    seconds = 0.0
    for each in (small, large):
        seconds += fill_places(each.database, each.size, with_past=with_past)
        each.database.rows("VACUUM ANALYZE")
        each.database.rows("CHECKPOINT")
    what = "of all lessons there were" if with_past else "of the lessons to come"
    print(f"\n── The occupancy {what}, made in {seconds:.0f} s ──\n{sizes(large.database)}", flush=True)
    wanted = {f"{of} {name}": case for of, one in (("small", small), ("large", large))
              for name, case in one.cases().items()}  # fmt: skip
    for each in (small, large):
        each.warm()
    measured(wanted, 1)
    report(measured(wanted, rounds), large.size.rows)


def sizes(database: TestDatabase) -> str:
    told = database.rows("""
        SELECT pg_size_pretty(pg_database_size(current_database())) AS whole,
               pg_size_pretty(sum(pg_indexes_size(oid))) AS indexes,
               pg_size_pretty(pg_indexes_size('"Booking"')) AS of_bookings,
               pg_size_pretty(pg_indexes_size('"TeacherOccupancy"')) AS of_places
        FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    """)[0]
    return (
        f"{told['whole']}, of it indexes {told['indexes']}, those of the bookings {told['of_bookings']}, "
        f"of the occupancy {told['of_places']}"
    )


def report(samples: dict[str, list[Booked]], rows: int) -> None:
    names = [FLOOR, *CASES]
    seconds = {name: [1 / each.rate for each in told] for name, told in samples.items()}
    server = {name: [each.server for each in told] for name, told in samples.items()}
    print_milliseconds("Milliseconds each", seconds)
    for title, told in (("Time", seconds), ("Processor time of the server", server)):
        costs = {name: ratio(told[f"large {name}"], told[f"small {name}"]) for name in names}
        print_ratios(f"{title} with {rows:,} bookings, of that with {SMALL.rows:,}", costs)


def main(rows: int, rounds: int, settings: dict[str, str]) -> None:
    large = Size(rows, rows // LESSONS_A_TEACHER // TEACHERS * TEACHERS)
    with ExitStack() as stack:
        server = stack.enter_context(temporary_postgres_server(settings=settings))
        prepared_template(server.url)
        both = [stack.enter_context(grown(server, size)) for size in (SMALL, large)]
        for with_past in (False, True):
            compare(*both, with_past=with_past, rounds=rounds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help=f"at least {LEAST_ROWS:,}")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--shared-buffers", default="2GB")
    asked = parser.parse_args()
    if asked.rows < LEAST_ROWS:
        parser.error(f"--rows: at least {LEAST_ROWS:,}")
    main(asked.rows, asked.rounds, {**SETTINGS, "shared_buffers": asked.shared_buffers})
