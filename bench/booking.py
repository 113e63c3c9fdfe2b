"""What a booking costs against its floor: `make bench-booking`."""

import argparse
from collections.abc import Callable
from functools import partial

from bench.clients import Clients, clients
from bench.floor import Booked, book_by_pgbench, fill_by_floor, install_floor
from bench.round_trips import print_round_trips
from bench.schools import Schools, schools
from bench.server_time import with_server_time
from bench.side_by_side import measured, print_ratios, ratios

CLIENTS = 8
SLICE_SECONDS = 1
FLOOR, FLOOR_WITH_POLICIES = "pgbench, one function", "pgbench, one function, policies on"
# How the tables call each way to book, and the name of the method that does it.
BOOKERS = {
    "two functions": "two_calls",
    "two functions, through SQLAlchemy": "two_calls_of_sqlalchemy",
    "two functions, stock pg8000": "two_calls_on_stock_pg8000",
    "use case": "use_case",
    "handler": "handler",
    "handler, with Idempotency-Key": "handler_with_key",
}
CONTENDED = ("two functions", "handler")

Case = Callable[[], Booked]


def cases(made: Schools, ready: Clients, where: list[int]) -> dict[str, Case]:
    """Every way to book, with a client for each school of `where`; the same school may come often."""
    database, pgbench = made.database, made.server.binaries / "pgbench"

    def floor(url: str) -> Booked:
        places = made.places(*where)
        return with_server_time(made.server, lambda: book_by_pgbench(pgbench, url, places, SLICE_SECONDS))

    def ours(booker: str) -> Booked:
        places = made.places(*where)
        return with_server_time(made.server, lambda: ready.book(booker, places, SLICE_SECONDS))

    return {
        FLOOR: partial(floor, database.owner_url),
        FLOOR_WITH_POLICIES: partial(floor, database.app_url),
        **{name: partial(ours, booker) for name, booker in BOOKERS.items()},
    }


def compared(made: Schools, ready: Clients) -> dict[str, Case]:
    """All cases of all tables, so that every round measures everything."""
    settings = {"1": [0], f"{CLIENTS}": [0] * CLIENTS, "apart": list(range(1, CLIENTS + 1))}
    found = {}
    for setting, where in settings.items():
        for name, case in cases(made, ready, where).items():
            if setting != "apart" or name in (FLOOR, *CONTENDED):
                found[f"{setting} {name}"] = case
    return found


def of(samples: dict[str, list[Booked]], setting: str, value: str) -> dict[str, list[float]]:
    """One column of a setting's samples, by the name of the case."""
    return {
        name.removeprefix(f"{setting} "): [getattr(each, value) for each in told]
        for name, told in samples.items()
        if name.startswith(f"{setting} ")
    }


def report(samples: dict[str, list[Booked]]) -> None:
    many = str(CLIENTS)
    print_ratios("Bookings a second, 1 client", ratios(of(samples, "1", "rate"), FLOOR))
    print_ratios(f"Bookings a second, {many} clients, one school", ratios(of(samples, many, "rate"), FLOOR))
    print_ratios("Processor time a booking at the client", ratios(of(samples, "1", "processor"), FLOOR))
    print_ratios("Processor time a booking at the server", ratios(of(samples, "1", "server"), FLOOR))
    apart, together = of(samples, "apart", "rate"), of(samples, many, "rate")
    for name, told in apart.items():
        title = f"{name}: {many} clients"
        print_ratios(title, ratios({"at eight schools": told, "at one": together[name]}, "at eight schools"))


def check(made: Schools) -> None:
    """Whoever booked, the counters equal a recount; a booking is told once or, also to the teacher, twice."""
    counts = made.database.rows("""
        SELECT (SELECT count(*) FROM "Booking") AS bookings, (SELECT count(*) FROM "Attendee") AS attendees,
               (SELECT count(*) FROM "TeacherOccupancy") AS places,
               (SELECT count(DISTINCT payload->>'bookingId') FROM "OutboxMessage"
                WHERE topic = 'booking.created') AS told,
               (SELECT sum("bookingsCount") FROM "TenantUsage") AS counted
    """)[0]
    print(f"\nBooked {counts['bookings']} lessons")
    if len({int(value) for value in counts.values()}) != 1:
        raise RuntimeError(f"the counts differ: {counts}")


def main(rounds: int) -> None:
    with schools() as made:
        install_floor(made.database)
        fill_by_floor(made)
        print_round_trips(made)
        with clients(CLIENTS, made.database.app_url) as ready:
            measure(made, ready, rounds)
        check(made)


def measure(made: Schools, ready: Clients, rounds: int) -> None:
    wanted = compared(made, ready)
    measured({name: case for name, case in wanted.items() if name.startswith(str(CLIENTS))}, 1)  # warms
    report(measured(wanted, rounds))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=4)
    main(parser.parse_args().rounds)
