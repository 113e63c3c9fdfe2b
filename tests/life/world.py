"""A school as the model and as the service have it, and everything that both must agree on."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import count
from types import ModuleType
from typing import Any

from tests.bookings.life import pay
from tests.databases import TestDatabase
from tests.functions import Answer, Api, LoadedFunction
from tests.invariants import broken_invariants
from tests.life.model import Model, Told, status_of
from tests.life.things import Booking, Course, Hand, Session
from tests.schools import School, make_school
from tests.workshops.workshop import SESSION, student

# Each request from another source: how often one may ask is not what is played.
SOURCES = count(int(ip_address("10.0.0.0")))
# A Friday; within the days that are played a month ends.
BEGIN = datetime(2035, 3, 30, 6, 0, tzinfo=UTC)
STUDENTS = tuple(student(number)["email"] for number in range(4))
# Course (0 or 1), days after the beginning, hour, teacher (0 or 1), seats.
SESSIONS = ((0, 2, 10, 0, 2), (0, 4, 10, 1, 1), (0, 6, 11, 0, 3), (1, 3, 16, 0, 1), (1, 6, 9, 1, 2))

LEARN = """SELECT "manageToken" AS token FROM "Booking" WHERE uid = :uid"""
# In one statement, because it is asked after each step.
STATE = """
    SELECT
    (SELECT json_agg(json_build_object(
        'uid', b.uid, 'status', b.status, 'moved', coalesce(b.rescheduled, false),
        'start', b."startTime", 'end', b."endTime", 'teacher', b."userId", 'course', b."eventTypeId",
        'session', b."workshopSessionNumber", 'refundable', b."refundableUntil", 'from', b."fromReschedule",
        'hold', CASE b.status WHEN 'pending' THEN b."holdExpiresAt" END, 'id', b.id,
        'student', (SELECT string_agg(a.email, ' ') FROM "Attendee" a WHERE a."bookingId" = b.id),
        'money', (SELECT json_agg(p.amount ORDER BY p.id) FROM "Payment" p
                  WHERE p."bookingId" = b.id AND p.success),
        'refunds', (SELECT json_agg(json_build_array(r.amount, r.reason) ORDER BY r."paymentId")
                    FROM "Refund" r WHERE r."bookingId" = b.id),
        'history', (SELECT json_agg(json_build_array(e.type, e.actor) ORDER BY e.id)
                    FROM "BookingEvent" e WHERE e."bookingId" = b.id)) ORDER BY b.id)
     FROM "Booking" b) AS bookings,
    (SELECT json_agg(json_build_array(s."eventTypeId", s."sessionNumber", s."seatsTaken",
                     s."cancelledAt" IS NOT NULL) ORDER BY s.id) FROM "WorkshopSession" s) AS sessions,
    (SELECT json_agg(json_build_array(w.id, CASE WHEN w.status IN ('WAITING', 'OFFERED', 'BOOKED')
                     THEN w.status ELSE 'OVER' END) ORDER BY w.id) FROM "WaitlistEntry" w) AS places,
    (SELECT json_agg(json_build_array(u.year, u.month, u."bookingsCount")) FROM "TenantUsage" u
     WHERE u."bookingsCount" <> 0) AS used,
    (SELECT json_agg(json_build_array(m.topic, m.payload) ORDER BY m.id) FROM "OutboxMessage" m
     WHERE m.topic <> 'usage.warning') AS told
"""


@dataclass
class Functions:
    """The handlers, loaded once, under one clock."""

    students: LoadedFunction
    staff: LoadedFunction
    house: LoadedFunction

    def modules(self) -> list[ModuleType]:
        """Those that read the clock: it is read at the edge only."""
        loaded = [each for f in (self.students, self.staff, self.house) for each in (f.module, *f.beside)]
        return [each for each in loaded if hasattr(each, "datetime")]


@dataclass
class World:
    """What is played; `model` says what should be, the service what is."""

    functions: Functions
    school: School
    model: Model
    lessons: list[Course]
    again: list[Callable[[], None]] = field(default_factory=list)
    is_in_doubt: bool = False

    @property
    def database(self) -> TestDatabase:
        return self.school.database

    def post(
        self, hand: Hand, path: str, token: str = "", body: Any = None, key: str | None = None
    ) -> Answer:
        """The path without its version, as that hand asks."""
        self.is_in_doubt = True
        more: dict[str, Any] = {
            "headers": {"idempotency-key": key} if key else {},
            "source_ip": str(ip_address(next(SOURCES))),
        }
        if hand in ("student", "stranger"):
            more["headers"]["x-manage-token"] = token if hand == "student" else f"{token}x"
            return Api(self.functions.students).post(f"/v1{path}", body or {}, **more)
        email = self.school.admin_email if hand == "admin" else f"teacher1@{self.school.subdomain}.test"
        return Api(self.functions.staff).post(f"/v1/admin{path}", body or {}, claims={"email": email}, **more)

    def change(
        self, hand: Hand, booking: Booking, what: str, body: Any = None, key: str | None = None
    ) -> Answer:
        return self.post(hand, f"/bookings/{booking.uid}/{what}", booking.token, body, key)

    def learn(self, booking: Booking, uid: str, token: str | None = None) -> None:
        """What is in the answer; a token that is only in the mail is looked up."""
        booking.uid = uid
        booking.token = token or str(self.database.value(LEARN, uid=uid))

    def learn_offers(self) -> None:
        """Who waits looks after their place, and finds the seat that was offered."""
        for place in self.model.places:
            if place.booking is not None and not place.booking.uid:
                told = self._look(f"/v1/waitlist-entries/{place.id}", place.token)
                assert (told["status"], told["sessionNumber"]) == ("OFFERED", place.session.number)
                assert datetime.fromisoformat(told["offerExpiresAt"]) == place.booking.hold_until
                place.booking.uid = told["bookingUid"]

    def pay(self, booking: Booking, amount: int, is_paid: bool) -> None:
        booking.money += [amount] if is_paid else []
        pay(self.school, booking.uid, amount, success=is_paid, external=f"pi_{amount}")

    def _look(self, path: str, token: str) -> Any:
        source = str(ip_address(next(SOURCES)))
        answer = Api(self.functions.students).get(path, headers={"x-manage-token": token}, source_ip=source)
        assert answer.status == 200, answer
        return answer.json

    # ── Agreeing ────────────────────────────────────────────────────────────────────────────────────
    def agree(self) -> None:
        """Bookings, seats, waitlists, the month and the letters are what the model says."""
        (state,) = self.database.rows(STATE)
        told = [_told(row) for row in state["bookings"] or []]
        by_id = {row["id"]: row["uid"] for row in state["bookings"] or []}
        assert _by_uid(told) == _by_uid([_expected(b) for b in self.model.bookings])
        assert state["sessions"] == [
            [s.course.id, s.number, self.model.seats_taken(s), s.is_cancelled] for s in self.model.sessions
        ]
        assert (state["places"] or []) == [[place.id, place.status] for place in self.model.places]
        assert {(y, m): n for y, m, n in state["used"] or []} == dict(self.model.used)
        letters = Counter(_letter(topic, payload, by_id) for topic, payload in state["told"] or [])
        expected = Counter({_named(key): count for key, count in self.model.told.items()})
        assert letters == expected + self.model.told_waiting
        self.is_in_doubt = False

    def agree_in_the_end(self) -> None:
        """The invariants hold, students see the same, and what was used up stays so.

        What has failed already is not looked at again.
        """
        if self.is_in_doubt:
            return
        assert broken_invariants(self.database) == []
        for booking in self.model.bookings:
            seen = self._look(f"/v1/bookings/{booking.uid}", booking.token)
            assert (seen["status"], datetime.fromisoformat(seen["start"])) == (booking.status, booking.start)
            if not booking.is_live:
                elsewhere = {"start": BEGIN.isoformat()} if not booking.session else {"sessionNumber": 1}
                refused = self.change("student", booking, "reschedule", elsewhere)
                assert refused.code == ("booking_moved" if booking.is_moved else "booking_not_active")
            if booking.is_moved:
                assert self.change("student", booking, "cancel").code == "booking_moved"
        self.agree()


def refused_as(answer: Answer, why: set[str], status: int) -> bool:
    """Whether it was refused; and if so, for one of these reasons."""
    if not why:
        assert answer.status == status, answer
        return False
    assert answer.status >= 400, f"should have been refused: {why}, {answer}"
    assert (answer.code in why, answer.status) == (True, status_of(answer.code)), f"{why}, {answer}"
    return True


def make_world(database: TestDatabase, functions: Functions, allowed: int | None) -> World:
    """Two teachers in UTC, two kinds of lessons and two of workshops, one each to be confirmed."""
    school = make_school(database, "aurora", time_zone="UTC", days=list(range(7)))
    school.add_teacher(time_zone="UTC", days=list(range(7)))
    school.change("Tenant", school.id, maxBookingsPerMonth=allowed)
    school.change("EventType", school.lesson_id, length=60, refundWindowHours=12)
    lesson = Course(school.lesson_id, timedelta(hours=1), False, timedelta(hours=12))
    courses = [
        lesson,
        _course(school, "exam", 120, 24, requiresConfirmation=True, slotInterval=60),
        _course(school, "workshop", 60, 12, isWorkshop=True),
        _course(school, "circle", 60, 2, isWorkshop=True, requiresConfirmation=True),
    ]
    sessions = [_session(school, courses[2 + of], *more) for of, *more in SESSIONS]
    model = Model(BEGIN, school.teachers, sessions, allowed)
    return World(functions, school, model, courses[:2])


def _course(school: School, slug: str, length: int, refund: int, **more: Any) -> Course:
    made = school.add_event_type(slug, length=length, refundWindowHours=refund, **more)
    return Course(made, timedelta(minutes=length), "requiresConfirmation" in more, timedelta(hours=refund))


def _session(school: School, course: Course, day: int, hour: int, teacher: int, seats: int) -> Session:
    start = BEGIN.replace(hour=hour) + timedelta(days=day)
    made = Session(course, day, start, school.teachers[teacher], seats)
    values = {
        "tenant": school.id,
        "event_type": course.id,
        "number": day,
        "teacher": made.teacher,
        "start": start.replace(tzinfo=None).isoformat(),
        "seats": seats,
    }
    school.database.rows(SESSION.replace("90 minutes", "60 minutes"), **values)
    return made


def _expected(b: Booking) -> dict[str, Any]:
    return {
        "uid": b.uid,
        "status": b.status,
        "moved": b.is_moved,
        "start": b.start,
        "end": b.end,
        "teacher": b.teacher,
        "course": b.course.id,
        "session": b.session and b.session.number,
        "refundable": b.refundable_until,
        "from": b.came_from and b.came_from.uid,
        "hold": b.hold_until if b.status == "pending" else None,
        "student": b.student,
        "money": b.money,
        "refunds": [list(each) for each in b.refunds],
        "history": [list(each) for each in b.history],
    }


def _told(row: dict[str, Any]) -> dict[str, Any]:
    times = {
        name: row[name] and datetime.fromisoformat(row[name]).replace(tzinfo=UTC)
        for name in ("start", "end", "refundable", "hold")
    }
    lists = {name: row[name] or [] for name in ("money", "refunds", "history")}
    return {name: value for name, value in row.items() if name != "id"} | times | lists


def _by_uid(facts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {each["uid"]: each for each in facts}


def _letter(topic: str, payload: dict[str, Any], uids: dict[int, str]) -> tuple[Any, ...]:
    told = dict(payload)
    if "waitlistEntryId" in told:
        assert set(told) == {"waitlistEntryId"}, payload
        return topic, told["waitlistEntryId"]
    bookings = [told.pop("bookingId")] if "bookingId" in told else told.pop("bookingIds")
    previous = told.pop("previousId", None)
    assert set(told) <= {"to", "by"}, payload
    return (
        topic,
        tuple(sorted(uids[each] for each in bookings)),
        previous and uids[previous],
        told.get("to"),
        told.get("by"),
    )


def _named(told: Told) -> tuple[Any, ...]:
    topic, bookings, to, by = told
    came_from = bookings[0].came_from if topic == "booking.rescheduled" else None
    return topic, tuple(sorted(b.uid for b in bookings)), came_from and came_from.uid, to, by
