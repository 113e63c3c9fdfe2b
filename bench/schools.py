"""Schools to measure with: their teachers work day and night, so that a free time is never far."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from local.postgres import PostgresServer, temporary_postgres_server
from shared.slots.local_days import LATEST
from tests.databases import TestDatabase, prepared_template

SCHOOLS = 9
TEACHERS = 8
STUDENTS = 1000
LESSON_MINUTES = 30
# 2030-01-01, in epoch seconds: the slices follow one another from there, each with more lessons than a
# client books in a second.
FIRST_START = 1_893_456_000
LESSONS_A_SLICE = 20_000

# Ids follow from the number of the school and of the teacher, so that pgbench can compute them.
_MAKE = """
    INSERT INTO "Tenant" (id, name, subdomain, "subscriptionPlan", "maxTeachers", "maxBookingsPerMonth")
    SELECT 100 + s, 'School ' || s, 'school' || s, 'ENTERPRISE', @teachers, 100000000
    FROM generate_series(0, @last_school) s;
    INSERT INTO users (id, email, name, "timeZone", "tenantId", "tenantRole", uuid)
    SELECT s * 10000 + t, 't' || t || '@school' || s || '.test', 'Teacher ' || t, 'UTC', 100 + s, 'TEACHER',
           gen_random_uuid()
    FROM generate_series(0, @last_school) s, generate_series(1, @teachers) t;
    INSERT INTO "EventType" (id, "tenantId", title, slug, length, "minimumBookingNotice", "userId",
                             "whitelistEnabled")
    SELECT id, id, 'Conversation', 'conversation', @minutes, 0, (id - 100) * 10000 + 1, true
    FROM "Tenant" WHERE id >= 100;
    INSERT INTO "Schedule" (id, "tenantId", "userId", name, "timeZone")
    SELECT id, "tenantId", id, 'Day and night', 'UTC' FROM users WHERE "tenantId" >= 100;
    UPDATE users SET "defaultScheduleId" = id WHERE "tenantId" >= 100;
    INSERT INTO "Availability" ("tenantId", "scheduleId", days, "startTime", "endTime")
    SELECT "tenantId", id, '{0,1,2,3,4,5,6}', '00:00', '23:59' FROM "Schedule" WHERE "tenantId" >= 100;
    INSERT INTO "TeacherCourseAssignment" ("tenantId", "eventTypeId", "teacherId", "isPublished")
    SELECT "tenantId", "tenantId", id, true FROM users WHERE "tenantId" >= 100;
    INSERT INTO "WhitelistEntry" ("tenantId", "eventTypeId", email)
    SELECT e."tenantId", e.id, 'school' || e.id - 100 || '-' || n || '@example.com'
    FROM "EventType" e, generate_series(0, @students - 1) n;
    ANALYZE;
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one client books during one slice: a teacher, whose lessons from `first` on are free."""

    school: int
    teacher: int
    first: int

    @property
    def tenant(self) -> int:
        """Also the id of the school's event type."""
        return 100 + self.school

    def step(self, count: int) -> tuple["Place", int]:
        """Where and as which lesson the slice's booking of that number is made."""
        return self, self.first + count


def start_of(number: int) -> int:
    """When a teacher's lesson of that number starts, in epoch seconds; floor.pgbench says the same."""
    return FIRST_START + number * LESSON_MINUTES * 60


@dataclass
class Schools:
    """The database with its schools, and Postgres's programs."""

    database: TestDatabase
    server: PostgresServer
    _slices: Iterator[int] = field(default_factory=count)

    def places(self, *schools: int) -> list[Place]:
        """Free places for the clients of a slice: each in a school of `schools`, with its own teacher."""
        first = next(self._slices) * LESSONS_A_SLICE
        if start_of(first + LESSONS_A_SLICE) > LATEST:
            raise RuntimeError("the calendar is full: measure fewer rounds")
        return [
            Place(school, school * 10_000 + client % TEACHERS + 1, first)
            for client, school in enumerate(schools)
        ]


def student_of(place: Place, number: int) -> str:
    """The address of who books a lesson: one of the school's students; floor.pgbench says the same."""
    return f"school{place.school}-{(number + 125 * place.teacher) % STUDENTS}@example.com"


def make_schools(database: TestDatabase, count: int) -> None:
    """The schools 0 to `count` - 1, each with an event type, teachers, hours and a whitelist."""
    numbers = {"@teachers": TEACHERS, "@last_school": count - 1, "@minutes": LESSON_MINUTES,
               "@students": STUDENTS}  # fmt: skip
    told = _MAKE
    for name, number in numbers.items():
        told = told.replace(name, str(number))
    for statement in told.rstrip().removesuffix(";").split(";\n"):
        database.rows(statement)


@contextmanager
def schools() -> Iterator[Schools]:
    """Schools on a server of their own, gone afterwards."""
    with temporary_postgres_server() as server:
        prepared_template(server.url)
        with TestDatabase.copy_of_template(server.url) as database:
            make_schools(database, SCHOOLS)
            yield Schools(database, server)
