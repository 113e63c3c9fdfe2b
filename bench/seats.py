"""200 students want one of 50 seats at the same moment: `make bench-seats`.

Each has a connection and a thread, and commits wait for the disk. A rush lasts until the last is answered; it
is compared with one in which each inserts a booking that nobody counts. 50 are sold, or this fails.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import count
from threading import Barrier

from sqlalchemy import Connection, Engine

from bench.floor import Booked
from bench.schools import Place, make_schools, student_of
from bench.server_time import with_server_time
from bench.side_by_side import measured, print_milliseconds, print_ratios, ratios
from local.postgres import PostgresServer, temporary_postgres_server
from shared.bookings.schemas import NewAttendee
from shared.database import call, connect_database, in_tenant
from shared.tenant_scope import of_tenant
from shared.workshops.book_seats import book_seats
from shared.workshops.errors import SessionFull
from shared.workshops.schemas import NewSeats
from tests.databases import TestDatabase, prepared_template

CLIENTS, SEATS = 200, 50
PLAIN = "plain inserts"
PLACE = Place(school=0, teacher=1, first=0)
SETTINGS = {"max_connections": "250", "fsync": "on", "full_page_writes": "on"}

_WORKSHOP = 'UPDATE "EventType" SET "isWorkshop" = true WHERE id = :id'
_SESSION = """
    INSERT INTO "WorkshopSession" ("tenantId", "eventTypeId", "sessionNumber", "teacherId", "startTime",
        "endTime", "seatLimit")
    VALUES (:tenant, :tenant, :number, :teacher, timestamp '2030-01-01' + :number * interval '1 hour',
            timestamp '2030-01-01' + :number * interval '1 hour' + interval '45 min', :seats)
"""
# What a booking cannot do without, in one statement: no session, no limit, no counter.
_INSERT = """
    WITH booked AS (
        INSERT INTO "Booking" ("tenantId", uid, "eventTypeId", title, "startTime", "endTime", status,
            "manageToken", "creationSource")
        VALUES ($1::int, gen_random_uuid(), $1::int, 'Workshop', '2030-01-01', '2030-01-02', 'accepted',
                gen_random_uuid(), 'api_v2') RETURNING id),
    attending AS (
        INSERT INTO "Attendee" ("tenantId", "bookingId", name, email, "timeZone", locale)
        SELECT $1::int, id, 'Mai Nguyen', $2, 'Asia/Ho_Chi_Minh', 'vi' FROM booked)
    INSERT INTO "OutboxMessage" ("tenantId", topic, payload)
    SELECT $1::int, 'booking.created', jsonb_build_object('bookingId', id) || whom
    FROM booked, (VALUES ('{}'::jsonb), ('{"to": "teacher"}')) AS message(whom)
"""
_SOLD = """
    SELECT s."seatsTaken" AS taken, (SELECT count(*) FROM "Booking" b WHERE b."eventTypeId" = s."eventTypeId"
        AND b."workshopSessionNumber" = s."sessionNumber") AS sold
    FROM "WorkshopSession" s WHERE s."eventTypeId" = :tenant AND s."sessionNumber" = :number
"""

# Books for the student of that number.
Wish = Callable[[Connection, int], None]


@dataclass
class Crowd:
    """Students who wait at the door, connected."""

    engines: list[Engine]
    threads: ThreadPoolExecutor
    database: TestDatabase
    server: PostgresServer
    _sessions: Iterator[int] = field(default_factory=lambda: count(1))

    def rush(self, wish: Wish) -> tuple[Booked, int]:
        """What it took until all were answered, and how many got what they wanted."""
        door = Barrier(len(self.engines) + 1)
        asked = [self.threads.submit(self._ask, door, wish, n) for n in range(len(self.engines))]
        door.wait()
        began, spent = time.perf_counter(), time.process_time()
        got = sum(each.result() for each in asked)
        took, spent = time.perf_counter() - began, time.process_time() - spent
        return Booked(len(asked), len(asked) / took, spent / len(asked)), got

    def _ask(self, door: Barrier, wish: Wish, student: int) -> bool:
        door.wait()
        try:
            in_tenant(self.engines[student], of_tenant(PLACE.tenant), lambda c: wish(c, student))
        except SessionFull:
            return False
        return True

    def insert(self) -> Booked:
        told, _ = self.rush(_insert)
        return told

    def take_seats(self, seats: int | None) -> Booked:
        """Of a new session with so many (None: no limit). Raises RuntimeError unless all are sold."""
        number = next(self._sessions)
        self.database.rows(_SESSION, tenant=PLACE.tenant, number=number, teacher=PLACE.teacher, seats=seats)
        told, got = self.rush(partial(_take_seat, number))
        (found,) = self.database.rows(_SOLD, tenant=PLACE.tenant, number=number)
        if {got, found["taken"], found["sold"]} != {seats or len(self.engines)}:
            raise RuntimeError(f"of {seats} seats {got} were promised: {found}")
        return told


def _insert(connection: Connection, student: int) -> None:
    call(connection, _INSERT, PLACE.tenant, student_of(PLACE, student), last=True)


def _take_seat(session: int, connection: Connection, student: int) -> None:
    attendee = NewAttendee(
        name="Mai Nguyen", email=student_of(PLACE, student), time_zone="Asia/Ho_Chi_Minh", locale="vi"
    )
    command = NewSeats(event_type_id=PLACE.tenant, session_number=session, attendee=attendee)
    book_seats(connection, command, None, datetime.now(UTC))


@contextmanager
def crowd() -> Iterator[Crowd]:
    """A school with a workshop, on a server of its own, and whoever wants a seat."""
    with ExitStack() as stack:
        server = stack.enter_context(temporary_postgres_server(settings=SETTINGS))
        prepared_template(server.url)
        database = stack.enter_context(TestDatabase.copy_of_template(server.url))
        make_schools(database, 1)
        database.rows(_WORKSHOP, id=PLACE.tenant)
        engines = [connect_database(database.app_url) for _ in range(CLIENTS)]
        for engine in engines:
            stack.callback(engine.dispose)
        yield Crowd(engines, stack.enter_context(ThreadPoolExecutor(CLIENTS)), database, server)


def main(rounds: int) -> None:
    with crowd() as waiting:
        cases = {
            name: partial(with_server_time, waiting.server, case)
            for name, case in (
                (PLAIN, waiting.insert),
                (f"{SEATS} seats", partial(waiting.take_seats, SEATS)),
                ("seats without a limit", partial(waiting.take_seats, None)),
            )
        }
        # Plans that were made for empty tables are kept until the tables are analysed.
        for warm in (waiting.insert, partial(waiting.take_seats, SEATS)):
            warm()
            waiting.database.rows("VACUUM ANALYZE")
        measured(cases, 2)
        samples = measured(cases, rounds)
        locks = waiting.database.value(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        )
    report(samples)
    print(f"\n{locks} deadlocks")
    if locks:
        raise RuntimeError("nobody should have waited in a ring")


def report(samples: dict[str, list[Booked]]) -> None:
    def of(value: str) -> dict[str, list[float]]:
        return {name: [getattr(each, value) for each in told] for name, told in samples.items()}

    took = {name: [CLIENTS / rate for rate in rates] for name, rates in of("rate").items()}
    print_milliseconds(f"Milliseconds until {CLIENTS} are answered", took)
    print_ratios("Answers a second", ratios(of("rate"), PLAIN))
    print_ratios("Processor time an answer at the server", ratios(of("server"), PLAIN))
    print_ratios("Processor time an answer at the clients", ratios(of("processor"), PLAIN))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=11)
    main(parser.parse_args().rounds)
