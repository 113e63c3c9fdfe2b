"""Pulling all students of a school: `make bench-sync`.

A school with one course and very many students, against the fake Immersio in a process of its own, over real
HTTP with signatures, pages of 200, and without the pace that a real key has. Each pass is a fresh worker,
whose memory is looked at before every page: one when all are new, one over everything when nothing has
changed, and one that asks only for what has.
"""

import argparse
import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from local.fakes.immersio import World, immersio_app
from local.fakes.immersio.schools import NEW_STUDENT
from local.fakes.immersio.schools import School as Theirs
from local.fakes.immersio.times import timestamp
from local.postgres import temporary_postgres_server
from local.web import serving
from shared.clients.immersio import HttpImmersio
from shared.clients.public_hosts import HostRule
from shared.database import connect_database
from shared.immersio.gate import CALLS_A_MINUTE, Pace, Timing
from shared.immersio.sync_stream import sync_stream
from tests.databases import TestDatabase, prepared_template
from tests.immersio.connected import FastTime
from tests.schools import School, make_school

KEY, SECRET = "key-bench", "secret-bench"
PAGE = 200
UNHURRIED = Pace(calls_a_minute=1e6, burst=1000)


@dataclass(frozen=True)
class Pass:
    """One pass over all students: seconds, processor seconds of the worker, calls, peak and early memory."""

    name: str
    students: int
    seconds: float
    processor: float
    calls: int
    early_megabytes: float
    late_megabytes: float


def serve(students: int, told: Connection) -> None:
    """A process: Immersio with one school; ends when somebody says so."""
    world = World(calls_a_minute=10**9)
    school = world.schools[KEY] = Theirs(KEY, [SECRET])
    school.put_course({"id": "c1", "title": "English"}, world.now())
    start = timestamp(world.now() - timedelta(hours=1))
    for number in range(students):
        row = {"id": f"s{number:07}", "email": f"s{number}@students.test", "updated_at": start}
        school.students[str(row["id"])] = {**NEW_STUDENT, **row}
        enrolled = {"id": f"e{number}", "course_id": "c1", "student_id": row["id"], "status": "active"}
        school.enrollments[f"e{number}"] = {**enrolled, "updated_at": start, "source_ref": None}
    with serving(immersio_app(world), threads=2) as url:
        told.send(url)
        told.recv()


@contextmanager
def immersio(students: int) -> Iterator[str]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=serve, args=(students, theirs), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        process.join()


def megabytes() -> float:
    """What the process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def one_pass(name: str, database_url: str, tenant: int, url: str) -> Pass:
    """In this process, which does nothing else."""
    engine, memory = connect_database(database_url), list[float]()

    class Watched(HttpImmersio):
        def students(self, *asked: Any, **more: Any) -> Any:
            memory.append(megabytes())
            return super().students(*asked, **more)

    client = Watched(url, KEY, SECRET, HostRule((), allow_loopback=True), page_size=PAGE)
    timing = Timing(FastTime().now, time.sleep, UNHURRIED)
    begun, used = time.perf_counter(), time.process_time()
    done = sync_stream(engine, tenant, "students", lambda _: client, timing, lambda: True)
    seconds, processor = time.perf_counter() - begun, time.process_time() - used
    engine.dispose()
    assert done.outcome == "finished", done
    tenth = max(1, len(memory) // 10)
    early, late = max(memory[:tenth]), max(memory[-tenth:])
    return Pass(name, done.counts.total(), seconds, processor, len(memory), early, late)


def apart(*asked: Any) -> Pass:
    """A pass in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(one_pass, asked)


def measure(school: School, url: str) -> list[Pass]:
    database = school.database
    school.change("Tenant", school.id, immersioApiUrl=url, immersioApiKey=KEY, immersioApiSecret=SECRET)
    engine = connect_database(database.app_url)
    client = HttpImmersio(url, KEY, SECRET, HostRule((), allow_loopback=True))
    timing = FastTime().timing()
    sync_stream(engine, school.id, "courses", lambda _: client, timing, lambda: True)
    engine.dispose()
    first = apart("everything new", database.app_url, school.id, url)
    database.rows("ANALYZE users")
    database.rows("""UPDATE "ImmersioSyncState" SET "sweptAt" = NULL""")
    again = apart("everything known", database.app_url, school.id, url)
    return [first, again, apart("what has changed", database.app_url, school.id, url)]


def show(passes: list[Pass]) -> None:
    print(
        f"{'pass':18} {'students':>9} {'calls':>6} {'s':>7} {'CPU s':>7} {'a second':>9} {'MB early':>9} late"
    )
    for each in passes:
        rate = each.students / each.seconds
        print(
            f"{each.name:18} {each.students:9} {each.calls:6} {each.seconds:7.1f} {each.processor:7.1f} "
            f"{rate:9.0f} {each.early_megabytes:9.1f} {each.late_megabytes:.1f}"
        )
    minutes = passes[0].calls / CALLS_A_MINUTE
    print(f"At {CALLS_A_MINUTE} calls a minute the first takes {minutes:.1f} minutes.")


def main(students: int) -> None:
    with immersio(students) as url, temporary_postgres_server() as server:
        prepared_template(server.url)
        with TestDatabase.copy_of_template(server.url) as database:
            show(measure(make_school(database, "aurora"), url))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=100_000)
    main(parser.parse_args().students)
