"""Filling a database with years of bookings, fast: without triggers, and without indexes until the end."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.schools import LESSON_MINUTES, TEACHERS, make_schools
from tests.databases import TestDatabase

# What each teacher has to do in the 30 days from 2030 on: a lesson in every 57th half-hour.
COMING = 25
APART = 57

# In the order of time, as they would have been made: neighbours in a table are of different schools, and uids
# grow, as ours do.
_LESSONS = """
    CREATE TEMPORARY VIEW lessons AS
    SELECT (g + 1)::int AS id, 100 + school AS tenant, school, school * 10000 + t % @staff + 1 AS teacher,
           k, start, start + @length AS finish, start - interval '7 days' AS made,
           lpad(to_hex(extract(epoch FROM start)::bigint * 1000), 12, '0') || left(md5(g::text), 20) AS uid
    FROM generate_series(0, @rows - 1) g,
         LATERAL (SELECT (g % @teachers)::int AS t, (g / @teachers)::int - @past AS k) AS drawn,
         LATERAL (SELECT t / @staff AS school,
                         timestamp '2030-01-01' + k * @apart * @length AS start) AS placed
"""
_FILL = {
    "Booking": """
        INSERT INTO "Booking" (id, "tenantId", uid, "userId", "eventTypeId", title, "startTime", "endTime",
            status, "whitelistVerified", "manageToken", "creationSource", "iCalUID", "createdAt",
            "refundableUntil")
        SELECT id, tenant, uid, teacher, tenant, 'Conversation between Teacher and Mai Nguyen', start, finish,
               'accepted', true, left(md5(uid), 22), 'api_v2', uid, made, start - interval '24 hours'
        FROM lessons
    """,
    "Attendee": """
        INSERT INTO "Attendee" (id, "tenantId", "bookingId", name, email, "timeZone", locale)
        SELECT id, tenant, id, 'Mai Nguyen',
               'school' || school || '-' || (abs(k) + 125 * teacher) % 1000 || '@example.com',
               'Asia/Ho_Chi_Minh', 'vi'
        FROM lessons
    """,
    "OutboxMessage": """
        INSERT INTO "OutboxMessage" ("tenantId", topic, payload, "createdAt", "availableAt", attempts,
            "handledAt")
        SELECT tenant, 'booking.created', jsonb_build_object('bookingId', id) || whom, made, made, 1, made
        FROM lessons, (VALUES ('{}'::jsonb), ('{"to": "teacher"}')) AS message(whom)
    """,
    "TenantUsage": """
        INSERT INTO "TenantUsage" ("tenantId", year, month, "bookingsCount")
        SELECT id, n / 12, n % 12 + 1, 200 FROM "Tenant", generate_series(2023 * 12, 2026 * 12 + 9) n
        WHERE id >= 100
    """,
}
_PLACES = """
    INSERT INTO "TeacherOccupancy" ("tenantId", "teacherId", "bookingId", "startTime", "endTime", "busyFrom",
        "busyUntil")
    SELECT tenant, teacher, id, start, finish, start, finish FROM lessons WHERE k >= 0 OR @with_past
"""
_LATER = """
    SELECT pg_get_indexdef(i.indexrelid) AS made, format('DROP INDEX %I', c.relname) AS dropped
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = CAST(:table AS regclass)
      AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = i.indexrelid)
"""
# An exclusion that is added anew asks for each row whether another overlaps. One that sleeps while the rows
# are written, and is then built by a rewrite of the table, does not.
_AWAKE = """
    UPDATE pg_index SET indisready = @awake WHERE indexrelid = 'occupancy_one_place_at_a_time'::regclass
"""
_REWRITE = 'VACUUM FULL "TeacherOccupancy"'
_QUICK = "SET session_replication_role = replica; SET maintenance_work_mem = '1GB'; SET work_mem = '256MB'"


@dataclass(frozen=True, slots=True)
class Size:
    """So many bookings of so many teachers; what is not still to come is past."""

    rows: int
    teachers: int

    @property
    def schools(self) -> int:
        return self.teachers // TEACHERS

    @property
    def past(self) -> int:
        """Lessons that each teacher gave."""
        return self.rows // self.teachers - COMING

    def filled_in(self, statement: str, **more: object) -> str:
        numbers = {"rows": self.rows, "teachers": self.teachers, "past": self.past, "staff": TEACHERS,
                   "apart": APART, "length": f"interval '{LESSON_MINUTES} min'", **more}  # fmt: skip
        for name, value in numbers.items():
            statement = statement.replace(f"@{name}", str(value))
        return statement


def fill(database: TestDatabase, size: Size) -> float:
    """Schools and their bookings, but nothing in the occupancy; the seconds that it took."""
    began = time.perf_counter()
    make_schools(database, size.schools)
    for table, statement in _FILL.items():
        with _indexed_at_the_end(database, table):
            _as_one_session(database, _QUICK, size.filled_in(_LESSONS), statement)
    for table in ("Booking", "Attendee"):
        database.rows("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)", name=f'"{table}"',
                      last=size.rows)  # fmt: skip
    return time.perf_counter() - began


def fill_places(database: TestDatabase, size: Size, *, with_past: bool) -> float:
    """The occupancy anew: of the lessons to come only, or of all there ever were; the seconds it took."""
    began = time.perf_counter()
    database.rows('TRUNCATE "TeacherOccupancy"')
    with _indexed_at_the_end(database, "TeacherOccupancy"):
        asleep, awake = (_AWAKE.replace("@awake", str(is_awake)) for is_awake in (False, True))
        places = size.filled_in(_PLACES, with_past=with_past)
        _as_one_session(database, _QUICK, size.filled_in(_LESSONS), asleep, places, _REWRITE, awake)
    return time.perf_counter() - began


@contextmanager
def _indexed_at_the_end(database: TestDatabase, table: str) -> Iterator[None]:
    """Keys that other tables refer to stay; they grow at their ends."""
    later = database.rows(_LATER, table=f'"{table}"')
    _as_one_session(database, *(each["dropped"] for each in later))
    yield
    _as_one_session(database, _QUICK, *(each["made"] for each in later))


def _as_one_session(database: TestDatabase, *statements: str) -> None:
    with database.owner.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql("DISCARD ALL")
