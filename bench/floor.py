"""The floor of a booking: one function of the database, called by pgbench, in one round trip."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from bench.schools import FIRST_START, LESSON_MINUTES, SCHOOLS, Place, Schools, start_of
from tests.databases import TestDatabase

HERE = Path(__file__).parent
_FILL = """
    SELECT count(bench_book(:tenant, :teacher, :tenant, :school || mod(n, 1000) || '@example.com',
                            :first + n * :seconds))
    FROM generate_series(1, 2000) n
"""
_RATE = re.compile(r"^tps = ([\d.]+) \(without initial connection time\)", re.MULTILINE)
_COUNT = re.compile(r"^number of transactions actually processed: (\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Booked:
    """What a slice did: bookings, how many a second by all clients, and a booking's processor seconds at the
    client and at the server."""

    count: int
    rate: float
    processor: float
    server: float = 0.0


def install_floor(database: TestDatabase) -> None:
    """Makes the function."""
    database.rows((HERE / "floor.sql").read_text(encoding="utf-8").replace(":=", r"\:="))


def fill_by_floor(schools: Schools) -> None:
    """For sessions that begin with empty tables slow down as these fill, until somebody analyses them."""
    for place in schools.places(*range(SCHOOLS)):
        schools.database.rows(
            _FILL,
            tenant=place.tenant,
            teacher=place.teacher,
            school=f"school{place.school}-",
            first=start_of(place.first),
            seconds=LESSON_MINUTES * 60,
        )
    schools.database.rows("VACUUM ANALYZE")


def book_by_pgbench(program: Path, url: str, places: list[Place], seconds: int) -> Booked:
    """One slice of `len(places)` clients, whose places are evenly apart."""
    return run_pgbench(program, url, HERE / "floor.pgbench", _variables(places), len(places), seconds)


def run_pgbench(
    program: Path, url: str, script: Path, variables: dict[str, int], clients: int, seconds: int
) -> Booked:
    """One slice of clients that call the floor's function as the script says."""
    address = make_url(url)
    command = [str(program), "--no-vacuum", "--protocol=prepared", f"--file={script}"]
    command += [f"--client={clients}", f"--jobs={min(2, clients)}", f"--time={seconds}"]
    command += [f"--define={name}={value}" for name, value in variables.items()]
    with subprocess.Popen(
        [*command, address.database or ""], env=_environment(address), stdout=subprocess.PIPE, text=True
    ) as process:
        told = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    rate, count = _RATE.search(told), _COUNT.search(told)
    if process.returncode != 0 or rate is None or count is None:
        raise RuntimeError(f"pgbench failed: {told}")
    return Booked(int(count[1]), float(rate[1]), (used.ru_utime + used.ru_stime) / int(count[1]))


def _variables(places: list[Place]) -> dict[str, int]:
    first, last = places[0], places[min(1, len(places) - 1)]
    return {
        "n": first.first,
        "first_start": FIRST_START,
        "lesson_seconds": LESSON_MINUTES * 60,
        "first_school": first.school,
        "school_step": last.school - first.school,
        "first_teacher": first.teacher,
        "teacher_step": last.teacher - first.teacher,
    }


def _environment(address: URL) -> dict[str, str]:
    return {
        "PGHOST": address.host or "",
        "PGPORT": str(address.port),
        "PGUSER": address.username or "",
        "PGPASSWORD": str(address.password),
    }
