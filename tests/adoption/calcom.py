"""Cal.com's databases for tests: one is made a server, and copied."""

import itertools
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from local.postgres import PostgresServer
from shared.database import driver_url
from tests.adoption import lookalike
from tests.adoption.contents import fill
from tests.databases import TestDatabase, with_database

CALCOM, ADOPTED = "calcom_template", "adopted_template"
HOSTS, BOOKINGS = 6, 600

_numbers = itertools.count()


def build(connection: Connection, *, hosts: int = HOSTS, bookings: int = BOOKINGS) -> None:
    """Cal.com's tables, filled, in an empty database."""
    lookalike.create_tables(connection)
    fill(connection, hosts=hosts, bookings=bookings)
    lookalike.create_keys(connection)
    lookalike.create_triggers(connection)


def execute(url: str, *statements: str) -> None:
    with engine(url).connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def engine(url: str) -> Engine:
    return create_engine(driver_url(url), isolation_level="AUTOCOMMIT", poolclass=NullPool)


@contextmanager
def copy_of(server: PostgresServer, template: str | None) -> Iterator[TestDatabase]:
    """A database like `template`, or an empty one; dropped at the end."""
    name = f"adoption_{next(_numbers)}"
    execute(server.url, f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
    url = with_database(server.url, name)
    owner = create_engine(driver_url(url), isolation_level="AUTOCOMMIT")
    try:
        yield TestDatabase(
            url,
            with_database(server.url, name, "booking_app"),
            with_database(server.url, name, "booking_ops"),
            owner,
        )
    finally:
        owner.dispose()
        execute(server.url, f'DROP DATABASE "{name}" WITH (FORCE)')


def dump(server: PostgresServer, url: str, *options: str) -> str:
    """What pg_dump writes, without the key that it draws anew each time."""
    to = make_url(url)
    written = subprocess.run(
        [str(server.binaries / "pg_dump"), "--no-sync", *options, "--dbname", url],
        env={"PGPASSWORD": to.password or "", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return re.sub(r"(?m)^\\(un)?restrict .*$", "", written)


def contents(database: TestDatabase) -> dict[str, str]:
    """A digest of each table's rows, in the columns that Cal.com knows."""
    columns = lookalike.facts("columns")
    digests = {}
    for table in lookalike.TABLES:
        own = ", ".join(f'"{row["column_name"]}"' for row in columns if row["table_name"] == table)
        digests[table] = database.value(
            f"""SELECT md5(string_agg(line, E'\\n' ORDER BY line)) || ' ' || count(*)
                FROM (SELECT ROW({own})::text AS line FROM "{table}") AS lines"""
        )
    return digests


OF_OURS = (
    """SELECT b.uid, o.uid FROM "OccupancyConflict" c JOIN "Booking" b ON b.id = c."bookingId"
       JOIN "Booking" o ON o.id = c."conflictsWithId" """,
    """SELECT "tenantId", "teacherId", "bookingId", "startTime", "endTime" FROM "TeacherOccupancy" """,
    """SELECT "eventTypeId", "teacherId", "isPublished" FROM "TeacherCourseAssignment" """,
    """SELECT id, "seatLimit", "isWorkshop", "workshopRecurrence", "workshopPrice", "workshopCurrency",
              "isPublished" FROM "EventType" """,
    """SELECT id, "tenantRole" FROM users""",
    """SELECT id, subdomain, "subscriptionPlan" FROM "Tenant" """,
)


def ours(database: TestDatabase) -> list[list[str]]:
    """What the adoption made of it, without what differs from run to run."""
    return [sorted(str(tuple(row.values())) for row in database.rows(query)) for query in OF_OURS]
