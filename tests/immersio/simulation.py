"""A school and its Immersio in one life drawn from a seed: rows, faults, kills, two workers at once.

Time is as fast as somebody waits for it, on both sides. In the end everything that breaks stops, and what is
here must be what is there.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Engine, event

from local.fakes.immersio.faults import Fault
from local.fakes.immersio.lists import DELETED
from local.fakes.immersio.schools import School as Theirs
from local.fakes.immersio.times import timestamp
from local.fakes.immersio.world import World
from shared.clients.immersio import HttpImmersio, Immersio
from shared.database import in_platform, in_tenant
from shared.immersio.connected_schools import claim_due_streams
from shared.immersio.gate import Timing, forget_gate
from shared.immersio.position import restart_streams
from shared.immersio.pull_stream import Outcome
from shared.immersio.pushed_bookings import redrive_pushes
from shared.immersio.schemas import StreamName
from shared.immersio.sync_stream import sync_stream
from shared.tenant_scope import of_tenant
from tests.immersio.fake_school import ON_THIS_MACHINE
from tests.schools import School

FAULTS: list[dict[str, Any]] = [
    {"kind": "drop_before"},
    {"kind": "drop_after"},
    {"kind": "reset"},
    {"kind": "error_after"},
    {"kind": "truncated_gzip"},
    {"kind": "cut_off"},
    {"kind": "wrong_json"},
    {"kind": "html"},
    {"kind": "changing"},
    {"kind": "changing"},
    {"kind": "expired", "method": "GET"},
    {"kind": "redirect"},
    {"kind": "too_large", "bytes": 6 * 1024 * 1024},
    {"kind": "status", "status": 401, "times": 2},
    {"kind": "status", "status": 500, "times": 6},
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 403},
    {"kind": "status", "status": 404, "path": "/v1/courses/*/students"},
    {"kind": "rate_limited", "seconds": 40},
    {"kind": "rate_limited", "seconds": 70, "style": "date"},
    {"kind": "rate_limited", "seconds": 9, "style": "reset_seconds"},
    {"kind": "rate_limited", "seconds": 90, "style": "reset_epoch"},
]
TITLES = ["English A1", "English B2", "Tiếng Việt", "Writing", "Speaking 🎤", "x" * 200]
BROKEN = ["Half \ud800", "No \x00 text", "", "two\nlines"]
MOST_ROUNDS = 60


class Killed(BaseException):
    """As a process that is gone: nobody cleans up."""


@dataclass
class SharedTime:
    """One time for both sides."""

    world: World

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.world.elapsed(), UTC)

    def wait(self, seconds: float) -> None:
        self.world.clock_offset += seconds


@dataclass
class Simulation:
    """One life; `broken` are the ids of courses that nobody could read when they were last told."""

    school: School
    theirs: Theirs
    world: World
    url: str
    app: Engine
    ops: Engine
    chance: Random
    serial: int = 0
    broken: set[str] = field(default_factory=set)
    killed: int = 0
    taken_over: int = 0

    def __post_init__(self) -> None:
        self.time = SharedTime(self.world)
        event.listen(self.app, "commit", self._may_die)
        self.dies_at_commit: int | None = None

    # ── What happens ────────────────────────────────────────────────────────────────────────────
    def live(self, steps: int) -> None:
        deeds: list[tuple[int, Callable[[], None]]] = [
            (3, self.change_courses),
            (4, self.change_students),
            (5, self.change_bookings),
            (1, self.publish),
            (5, self.break_something),
            (2, self.pass_time),
            (1, self.skew),
            (9, self.work),
        ]
        weights = [weight for weight, _ in deeds]
        for _ in range(steps):
            self.chance.choices([deed for _, deed in deeds], weights)[0]()

    def change_courses(self) -> None:
        for _ in range(self.chance.randint(1, 3)):
            known = list(self.theirs.courses)
            course_id = self.chance.choice([*known, self.new("c"), self.new("c")][-8:])
            title = self.chance.choice(TITLES)
            told: dict[str, Any] = {"id": course_id, "title": f"{title[:180]} {self.chance.randint(1, 9)}"}
            dice = self.chance.random()
            if dice < 0.2:
                told["status"] = DELETED
            elif dice < 0.3:
                told["title"] = self.chance.choice(BROKEN)
                self.broken.add(course_id)
            else:
                told["status"] = "active"
                self.broken.discard(course_id)
            self.theirs.put_course(told, self.world.now())

    def change_students(self) -> None:
        courses = list(self.theirs.courses)
        if not courses:
            return
        now = self.world.now()
        same = {"updated_at": timestamp(now)} if self.chance.random() < 0.4 else {}
        for _ in range(self.chance.randint(1, 8)):
            known = list(self.theirs.students)
            student_id = self.chance.choice([*known, self.new("s"), self.new("s")][-12:])
            enrolled = self.chance.sample(courses, min(len(courses), self.chance.randint(1, 2)))
            told = {"id": student_id, "family_name": self.chance.choice(["Tran", "O'Neil", ""])}
            told["status"] = DELETED if self.chance.random() < 0.15 else "active"
            if self.has_another(student_id):
                told["email"] = f"{self.new('again')}@students.test"
            self.theirs.put_student({**told, **same, "courses": enrolled}, now)
        self.swap_addresses()

    def has_another(self, student_id: str) -> bool:
        """Whether a live student there has the address that this one had."""
        email = self.theirs.students.get(student_id, {}).get("email", f"{student_id}@students.test")
        return any(
            row["email"] == email and row["id"] != student_id and row["status"] != DELETED
            for row in self.theirs.students.values()
        )

    def swap_addresses(self) -> None:
        """Two students change theirs with each other, as two who share a computer."""
        live = [each for each in self.theirs.students.values() if each["status"] != DELETED]
        if len(live) < 2 or self.chance.random() < 0.6:
            return
        one, other = self.chance.sample(live, 2)
        now = self.world.now()
        addresses = other["email"], one["email"]
        self.theirs.put_student({"id": one["id"], "email": addresses[0]}, now)
        self.theirs.put_student({"id": other["id"], "email": addresses[1]}, now)

    def change_bookings(self) -> None:
        types = self.rows("""SELECT id FROM "EventType" WHERE "tenantId" = :t
                             AND "immersioCourseId" IS NOT NULL ORDER BY id""")
        if types and self.chance.random() < 0.6:
            self.book(self.chance.choice(types)["id"])
        booked = self.rows("""SELECT id FROM "Booking" WHERE "tenantId" = :t ORDER BY id""")
        if booked and self.chance.random() < 0.5:
            self.rows(
                self.chance.choice([
                    """UPDATE "Booking" SET status = 'cancelled' WHERE "tenantId" = :t AND id = :id""",
                    """UPDATE "Booking" SET "startTime" = "startTime" + interval '1 day',
                              "endTime" = "endTime" + interval '1 day' WHERE "tenantId" = :t AND id = :id""",
                    """UPDATE "Booking" SET paid = true WHERE "tenantId" = :t AND id = :id""",
                ]),
                id=self.chance.choice(booked)["id"],
            )  # fmt: skip

    def book(self, event_type: int) -> None:
        start = self.time.now().replace(microsecond=0, tzinfo=None) + timedelta(days=90)
        uid = self.new(f"booking-{self.school.subdomain}-")
        emails = [each["email"] for each in self.theirs.students.values()]
        email = self.chance.choice([f"{uid}@example.com", *emails])
        self.rows(
            """WITH made AS (
                 INSERT INTO "Booking" ("tenantId", uid, "eventTypeId", title, "startTime", "endTime", status)
                 VALUES (:t, :uid, :of, 'A lesson', :start, :ends, 'accepted') RETURNING id)
               INSERT INTO "Attendee" ("tenantId", "bookingId", name, email, "timeZone")
               SELECT :t, id, 'Mai Tran', :email, 'Europe/Paris' FROM made""",
            uid=uid, of=event_type, start=start, ends=start + timedelta(minutes=30), email=email,
        )  # fmt: skip

    def publish(self) -> None:
        self.rows("""UPDATE "EventType" SET "isPublished" = true, title = 'Ours' WHERE id = (
                       SELECT id FROM "EventType" WHERE "tenantId" = :t AND NOT "isPublished"
                       ORDER BY id LIMIT 1)""")

    def break_something(self) -> None:
        told = {**self.chance.choice(FAULTS), "skip": self.chance.randint(0, 4)}
        told.setdefault("times", self.chance.randint(1, 2))
        self.world.faults.add([Fault.model_validate({**told, "apiKey": self.theirs.api_key})])

    def pass_time(self) -> None:
        minutes = self.chance.choice([1, 5, 20, 60, 60 * 25, 60 * 24 * 31])
        self.time.wait(minutes * 60)

    def skew(self) -> None:
        self.world.skew = self.chance.uniform(-250, 250)

    # ── Who works ───────────────────────────────────────────────────────────────────────────────
    def work(self) -> None:
        """What is due, some of it by workers that die or are taken over in the middle."""
        self.time.wait(60)
        for due in in_platform(self.ops, lambda c: claim_due_streams(c, self.time.now())):
            if due.tenant_id == self.school.id:
                self.run(due.stream)

    def run(self, stream: Any) -> None:
        fate = self.chance.random()
        pages = self.chance.choice([1, 2, 3, 99])
        try:
            if fate < 0.15:
                self.dies_at_commit = self.chance.randint(1, 8)
            self.sync(stream, pages=pages, fate=fate)
        except Killed:
            self.killed += 1
        finally:
            self.dies_at_commit = None

    def sync(self, stream: StreamName, *, pages: int = 99, fate: float = 1.0) -> Outcome:
        left = iter(range(pages))
        immersio = Fated(self, stream, fate)
        done = sync_stream(
            self.app, self.school.id, stream, lambda _: immersio.client(), self.timing(),
            lambda: next(left, None) is not None,
        )  # fmt: skip
        self.taken_over += done.outcome is Outcome.TAKEN_OVER
        return done.outcome

    def timing(self) -> Timing:
        return Timing(self.time.now, self.time.wait)

    def _may_die(self, _: Any) -> None:
        if self.dies_at_commit is None:
            return
        self.dies_at_commit -= 1
        if self.dies_at_commit == 0:
            raise Killed

    # ── The end ─────────────────────────────────────────────────────────────────────────────────
    def calm(self) -> None:
        """Nothing breaks any more, and the admins do what they are asked for, until all is quiet."""
        self.world.faults.clear()
        self.world.skew = 0.0
        for turn in range(3):
            self.time.wait(60 * 60 * 25)
            self.resume(restarts=turn == 0)
            self.until_finished("courses")
            self.until_finished("students")
            self.until_finished("bookings")

    def resume(self, *, restarts: bool) -> None:
        def mended(connection: Any) -> None:
            forget_gate(connection, self.school.id)
            redrive_pushes(connection, self.school.id, self.time.now())
            if restarts and self.chance.random() < 0.2:
                restart_streams(connection, self.school.id)

        in_tenant(self.app, of_tenant(self.school.id), mended)
        self.rows("""UPDATE "ImmersioSyncState" SET "removalsAccepted" = true
                     WHERE "tenantId" = :t AND "heldRemovals" > 0""")

    def until_finished(self, stream: StreamName) -> None:
        for _ in range(MOST_ROUNDS):
            if self.sync(stream) is Outcome.FINISHED:
                return
            self.time.wait(60 * 10)
        raise AssertionError(f"{stream} never ends")

    def rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        return self.school.database.rows(statement, t=self.school.id, **values)

    def new(self, prefix: str) -> str:
        self.serial += 1
        return f"{prefix}{self.serial}"

    # ── What must hold ──────────────────────────────────────────────────────────────────────────
    def differences(self) -> list[str]:
        """What is not here as it is there, or not there as it is here; empty when all is well."""
        return [*self._courses(), *self._students(), *self._bookings(), *self._effects()]

    def _courses(self) -> list[str]:
        wanted = {row["id"]: row for row in self.theirs.courses.values() if row["status"] != DELETED}
        found = self.rows("""SELECT "immersioCourseId" AS id, title, "isPublished" AS ours FROM "EventType"
                             WHERE "tenantId" = :t AND "immersioCourseId" IS NOT NULL
                               AND "immersioDeletedAt" IS NULL""")
        here = {row["id"]: row for row in found}
        told = [f"course {each} is missing" for each in wanted.keys() - here.keys() - self.broken]
        told += [f"course {each} is gone there" for each in here.keys() - wanted.keys()]
        told += [
            f"course {each} is {here[each]['title']!r}"
            for each in here.keys() & wanted.keys() - self.broken
            if not here[each]["ours"] and here[each]["title"] != wanted[each]["title"].strip()
        ]
        return told if len(found) == len(here) else [*told, "a course is there twice"]

    def _students(self) -> list[str]:
        courses = {row["id"] for row in self.theirs.courses.values() if row["status"] != DELETED}
        readable = {row["id"] for row in self.rows(
            """SELECT "immersioCourseId" AS id FROM "EventType" WHERE "tenantId" = :t""")}  # fmt: skip
        enrolled = {
            row["student_id"]
            for row in self.theirs.enrollments.values()
            if row["status"] != DELETED and row["course_id"] in courses & readable
        }
        wanted = {
            row["id"]: (row["email"], " ".join(filter(None, (row["given_name"], row["family_name"]))))
            for row in self.theirs.students.values()
            if row["status"] != DELETED and row["id"] in enrolled
        }
        here = {
            row["id"]: (row["email"], row["name"])
            for row in self.rows("""SELECT "immersioUserId" AS id, email, name FROM users
                                    WHERE "tenantId" = :t AND "immersioUserId" IS NOT NULL
                                      AND "immersioDeletedAt" IS NULL""")
        }
        if here == wanted:
            return []
        differing = {each for each in here.keys() | wanted.keys() if here.get(each) != wanted.get(each)}
        return [f"student {each}: {here.get(each)} is {wanted.get(each)}" for each in sorted(differing)]

    def _bookings(self) -> list[str]:
        rows = self.rows(
            """SELECT b.uid, b.status::text AS status, b."startTime" AS start, b.paid,
                      p."errorCode" AS code, p."deadAt" IS NOT NULL AS dead,
                      b."immersioEnrollmentId" AS enrollment,
                      e."immersioDeletedAt" IS NULL AS offered, e."immersioCourseId" AS course
               FROM "Booking" b JOIN "EventType" e ON e.id = b."eventTypeId"
               LEFT JOIN "ImmersioPush" p ON p."bookingId" = b.id
               WHERE b."tenantId" = :t AND b."endTime" > :now""",
            now=self.time.now().replace(tzinfo=None),
        )
        return [told for row in rows if (told := self._booking(row))]

    def _booking(self, row: dict[str, Any]) -> str | None:
        there = self.theirs.bookings.get(row["uid"])
        if row["status"] != "accepted":
            is_gone = there is None or there["status"] == DELETED
            return None if is_gone else f"{row['uid']} is over and still there"
        if not row["offered"] or self.theirs.courses[row["course"]]["status"] == DELETED:
            return None
        if row["code"] == "student_not_found" and row["dead"]:
            # Deleted there since they were enrolled: an admin has to look at that.
            return None
        if there is None or there["status"] != "accepted":
            return f"{row['uid']} never arrived ({row['code']})"
        start = row["start"].isoformat(timespec="milliseconds") + "Z"
        same = (there["start_at"], there["paid"], there["course_id"]) == (start, row["paid"], row["course"])
        enrolled = self.theirs.pushed.get(row["uid"]) == row["enrollment"]
        return None if same and enrolled else f"{row['uid']} differs"

    def _effects(self) -> list[str]:
        """Each push is effective once, and nobody had to tell us to slow down."""
        writes = [json.dumps(each, sort_keys=True) for each in self.theirs.writes]
        twice = [each for each in set(writes) if writes.count(each) > 1]
        return [f"twice: {each}" for each in twice] + (
            [f"limited {self.theirs.limited} times"] if self.theirs.limited else []
        )


@dataclass
class Fated:
    """What awaits the worker: to live, to die at a call, to be overtaken by another in the middle."""

    simulation: Simulation
    stream: StreamName
    fate: float
    calls: int = 0

    def client(self) -> Immersio:
        fated = self

        class Client(HttpImmersio):
            def _ask(self, *asked: Any, **more: Any) -> Any:
                fated.before()
                told = super()._ask(*asked, **more)
                fated.after()
                return told

        simulation = self.simulation
        return Client(
            simulation.url, simulation.theirs.api_key, simulation.theirs.secrets[0], ON_THIS_MACHINE,
            page_size=3, clock=simulation.world.elapsed,
        )  # fmt: skip

    def before(self) -> None:
        self.calls += 1
        if 0.15 < self.fate < 0.22 and self.calls == 2:
            raise Killed

    def after(self) -> None:
        if 0.22 < self.fate < 0.29 and self.calls == 2:
            raise Killed
        if 0.29 < self.fate < 0.37 and self.calls == 2:
            self.simulation.sync(self.stream)
