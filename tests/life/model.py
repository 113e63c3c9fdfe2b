"""What the rules make of a school's bookings: no database, no HTTP, none of the service's code.

`why_not_…` tells the codes of all rules that forbid it, one of which has to be the answer; without any the
command is carried out by the method beside it. All instants are aware, in UTC.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.life.things import Booking, Course, Hand, Place, Session

# Topic, bookings, to whom, by whom.
Told = tuple[str, tuple[Booking, ...], str | None, str | None]

OPENS, CLOSES = 9, 17
OFFER_HOLDS = timedelta(hours=12)
_STATUS = {
    "booking_not_found": 404,
    "session_not_found": 404,
    "waitlist_entry_not_found": 404,
    "slot_not_offered": 422,
    "idempotency_key_reused": 422,
    "plan_limit_reached": 403,
    "forbidden": 403,
}


def status_of(code: str) -> int:
    return _STATUS.get(code, 409)


@dataclass
class Model:
    """A school with two teachers at the same hours; `allowed` is the plan's month, None without limit."""

    now: datetime
    teachers: list[int]
    sessions: list[Session]
    allowed: int | None
    bookings: list[Booking] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    used: Counter[tuple[int, int]] = field(default_factory=Counter)
    told: Counter[Told] = field(default_factory=Counter)
    told_waiting: Counter[tuple[str, int]] = field(default_factory=Counter)  # topic and place

    # ── Booking ─────────────────────────────────────────────────────────────────────────────────────
    def why_not_lesson(
        self, course: Course, start: datetime, teachers: Sequence[int], moved: Booking | None = None
    ) -> set[str]:
        day = start.replace(hour=0, minute=0)
        opens, closes = day + timedelta(hours=OPENS), day + timedelta(hours=CLOSES)
        fits = start.minute == 0 and opens <= start and start + course.length <= closes
        if not fits or start < self.now.replace(microsecond=0):
            return {"slot_not_offered"}
        return set() if self.free_teachers(course, start, teachers, moved) else {"slot_taken"}

    def free_teachers(
        self, course: Course, start: datetime, teachers: Sequence[int], moved: Booking | None = None
    ) -> list[int]:
        """Nobody is in two places; what is moved is not in its own way."""
        lessons = [b for b in self.bookings if b.is_live and b.session is None and b is not moved]
        busy: list[Booking | Session] = [*lessons, *(s for s in self.sessions if not s.is_cancelled)]
        meeting = {x.teacher for x in busy if x.start < start + course.length and start < x.end}
        return [teacher for teacher in teachers if teacher not in meeting]

    def why_not_seat(self, session: Session | None, student: str) -> set[str]:
        """While people wait, a free seat is theirs."""
        if session is None:
            return {"session_not_found"}
        why = {"session_closed"} if not self.is_open(session) else set()
        if self.has_seat(session, student):
            why.add("already_booked")
        if not self.seats_left(session) or self.waiting(session):
            why.add("session_full")
        return why

    def why_not_series(self, course: Course, student: str) -> tuple[set[str], list[Session]]:
        """Why not all sessions to come, and those of them that this student can have."""
        coming = [s for s in self.sessions if s.course is course and self.is_open(s)]
        why = [self.why_not_seat(s, student) for s in coming] or [{"session_not_found"}]
        return set().union(*why), [s for s, not_this in zip(coming, why, strict=False) if not not_this]

    def why_not_plan(self, bookings: int) -> set[str]:
        is_full = self.allowed is not None and self.used[self.month] + bookings > self.allowed
        return {"plan_limit_reached"} if is_full else set()

    def book(
        self, course: Course, student: str, teacher: int, start: datetime, session: Session | None = None
    ) -> Booking:
        status = "pending" if course.confirms else "accepted"
        hold = start if course.confirms else None
        made = Booking(course, student, teacher, start, status, start - course.refund_window, hold, session)
        self.bookings.append(made)
        self.used[self.month] += 1
        return made

    def tell_created(self, booked: Sequence[Booking]) -> None:
        """One letter for a series, and one to each of its teachers."""
        self.told["booking.created", tuple(booked), None, None] += 1
        for teacher in {b.teacher for b in booked}:
            theirs = tuple(b for b in booked if b.teacher == teacher)
            self.told["booking.created", theirs, "teacher", None] += 1

    # ── Changing ────────────────────────────────────────────────────────────────────────────────────
    def why_not_touch(self, booking: Booking, hand: Hand) -> set[str]:
        """A teacher has nobody else's; what was moved goes on elsewhere, whoever asks."""
        foreign = hand == "teacher" and booking.teacher != self.teachers[0]
        if hand == "stranger" or foreign:
            return {"booking_not_found"}
        return {"booking_moved"} if booking.is_moved else set()

    def why_not_cancel(self, booking: Booking, hand: Hand) -> set[str]:
        if (why := self.why_not_touch(booking, hand)) or booking.status == "cancelled":
            return why
        begun = {"booking_over"} if hand == "student" and booking.start <= self.now else set()
        return begun | ({"booking_not_active"} if booking.status == "rejected" else set())

    def cancel(self, booking: Booking, hand: Hand) -> None:
        if booking.is_live:
            self._end([booking], "CANCELLED", actor_of(hand))

    def why_not_confirm(self, booking: Booking, hand: Hand) -> set[str]:
        if (why := self.why_not_touch(booking, hand)) or booking.status == "accepted":
            return why
        return set() if self.is_held(booking) else {"booking_not_active"}

    def why_not_reject(self, booking: Booking, hand: Hand) -> set[str]:
        if (why := self.why_not_touch(booking, hand)) or booking.status == "rejected":
            return why
        return set() if booking.status == "pending" else {"booking_not_active"}

    def reject(self, booking: Booking) -> None:
        if booking.status == "pending":
            self._end([booking], "REJECTED", "STAFF")

    def why_not_accept(self, booking: Booking, hand: Hand) -> set[str]:
        """Only who was offered the seat accepts it."""
        if hand == "stranger":
            return {"booking_not_found"}
        why = {"booking_moved"} if booking.is_moved else set()
        if not any(place.booking is booking for place in self.places):
            return why | {"not_offered"}
        if why or booking.status == "accepted":
            return why
        return set() if self.is_held(booking) else {"offer_expired"}

    def accept(self, booking: Booking, kind: str, actor: str) -> None:
        """The school confirms, or a student takes the seat that was offered."""
        if booking.status != "accepted":
            booking.status, booking.hold_until = "accepted", None
            booking.history.append((kind, actor))
            self._tell("booking.confirmed", booking, None)
            for place in self.places:
                place.status = "BOOKED" if place.booking is booking else place.status

    def why_not_no_show(self, booking: Booking, hand: Hand) -> set[str]:
        if why := self.why_not_touch(booking, hand):
            return why
        why = {"booking_not_begun"} if booking.start > self.now else set()
        return why | ({"booking_not_active"} if booking.status != "accepted" else set())

    def note_no_show(self, booking: Booking, absent: bool) -> None:
        if booking.is_absent != absent:
            booking.is_absent = absent
            booking.history.append(("NO_SHOW" if absent else "NO_SHOW_UNDONE", "STAFF"))

    def why_not_move(self, booking: Booking, hand: Hand, teacher: int, place: set[str]) -> set[str]:
        """`place` is why not there."""
        if why := self.why_not_touch(booking, hand):
            return why
        why = place | ({"booking_over"} if hand == "student" and booking.start <= self.now else set())
        why |= {"forbidden"} if hand == "teacher" and teacher != booking.teacher else set()
        offered = any(each.booking is booking and each.status == "OFFERED" for each in self.places)
        is_fit = booking.status == "accepted" or (self.is_held(booking) and not offered)
        return why if is_fit else why | {"booking_not_active"}

    def move(
        self, booking: Booking, hand: Hand, start: datetime, teacher: int, session: Session | None = None
    ) -> Booking:
        """The money goes along, and the deadline keeps its distance.

        Of a student what has passed stays passed, and the school confirms anew what it confirms.
        """
        until = booking.refundable_until
        if hand != "student" or self.is_in_time(booking):
            until = start - (booking.start - until)
        status = "pending" if hand == "student" and booking.course.confirms else booking.status
        hold = start if status == "pending" else None
        child = Booking(
            booking.course, booking.student, teacher, start, status, until, hold, session, booking
        )
        child.money, booking.money = booking.money, []
        booking.status, booking.is_moved = "cancelled", True
        booking.history.append(("RESCHEDULED", actor_of(hand)))
        self.bookings.append(child)
        self._tell("booking.rescheduled", child, actor_of(hand))
        if teacher != booking.teacher:
            self.told["booking.cancelled", (booking,), "teacher", actor_of(hand)] += 1
        self._offer([booking.session])
        return child

    # ── Waiting ─────────────────────────────────────────────────────────────────────────────────────
    def why_not_wait(self, session: Session, student: str) -> set[str]:
        why = self.why_not_seat(session, student)
        if any(place.student == student for place in self.waiting(session)):
            why.add("already_waiting")
        return why - {"session_full"} if "session_full" in why else why | {"seats_available"}

    def wait(self, session: Session, student: str, number: int, token: str) -> None:
        self.places.append(Place(session, student, number, token))
        self.told_waiting["waitlist.joined", number] += 1

    def why_not_leave(self, place: Place, hand: Hand) -> set[str]:
        if hand == "stranger":
            return {"waitlist_entry_not_found"}
        return {"already_booked"} if place.status == "BOOKED" else set()

    def leave(self, place: Place) -> None:
        if place.status == "OFFERED" and place.booking:
            self._end([place.booking], "CANCELLED", "ATTENDEE")
        place.status = "OVER"

    def why_not_cancel_session(self, session: Session, hand: Hand) -> set[str]:
        foreign = hand == "teacher" and session.teacher != self.teachers[0]
        return {"session_not_found"} if foreign else set()

    def cancel_session(self, session: Session) -> int:
        """How many bookings that cancelled."""
        if session.is_cancelled:
            return 0
        session.is_cancelled = True
        for place in self.waiting(session):
            place.status = "OVER"
            self.told_waiting["waitlist.closed", place.id] += 1
        theirs = [b for b in self.bookings if b.session is session and b.is_live]
        self._end(theirs, "CANCELLED", "STAFF")
        return len(theirs)

    # ── Time ────────────────────────────────────────────────────────────────────────────────────────
    def keep_house(self) -> None:
        ran_out = [b for b in self.bookings if b.status == "pending" and not self.is_held(b)]
        self._end(ran_out, "EXPIRED", "SYSTEM")
        for place in self.places:
            if place.status == "WAITING" and not self.is_open(place.session):
                place.status = "OVER"
        self._offer(self.sessions)

    def _end(self, bookings: Sequence[Booking], kind: str, actor: str) -> None:
        """Paid back is a student in time, or before the school has confirmed, and whom others cancel.

        Of a session's bookings its teacher gets one letter.
        """
        sessions_told = set()
        for booking in bookings:
            is_paid_back = actor != "ATTENDEE" or booking.status == "pending" or self.is_in_time(booking)
            booking.status = "rejected" if kind == "REJECTED" else "cancelled"
            booking.history.append((kind, actor))
            self._tell(
                f"booking.{kind.lower()}", booking, actor, teacher=booking.session not in sessions_told
            )
            sessions_told |= {booking.session} - {None}
            if is_paid_back:
                reason = "ATTENDEE_IN_TIME" if actor == "ATTENDEE" else "SCHOOL"
                booking.refunds = [(amount, reason) for amount in booking.money]
            for place in self.places:
                if place.booking is booking and place.status == "OFFERED":
                    place.status = "OVER"
        self._offer([booking.session for booking in bookings])

    def _offer(self, sessions: Sequence[Session | None]) -> None:
        """Who has waited longest is offered the seat, as long as the plan has room for it."""
        for place in self.places:
            session = place.session
            if place.status != "WAITING" or session not in sessions or not self.is_open(session):
                continue
            if not self.seats_left(session) or self.why_not_plan(1):
                continue
            offered = self.book(session.course, place.student, session.teacher, session.start, session)
            offered.status, offered.token = "pending", place.token
            offered.hold_until = min(self.now + OFFER_HOLDS, session.start)
            offered.history.append(("SEAT_OFFERED", "SYSTEM"))
            place.status, place.booking = "OFFERED", offered
            self.told["seat.offered", (offered,), None, None] += 1

    def _tell(self, topic: str, booking: Booking, by: str | None, *, teacher: bool = True) -> None:
        for to in (None, "teacher") if teacher else (None,):
            self.told[topic, (booking,), to, by] += 1

    # ── Facts ───────────────────────────────────────────────────────────────────────────────────────
    @property
    def month(self) -> tuple[int, int]:
        return self.now.year, self.now.month

    def is_open(self, session: Session) -> bool:
        return not session.is_cancelled and session.start > self.now

    def seats_taken(self, session: Session) -> int:
        return sum(b.is_live for b in self.bookings if b.session is session)

    def seats_left(self, session: Session) -> int:
        return session.seats - self.seats_taken(session)

    def has_seat(self, session: Session, student: str) -> bool:
        return any(b.session is session and b.is_live and b.student == student for b in self.bookings)

    def waiting(self, session: Session) -> list[Place]:
        return [place for place in self.places if place.session is session and place.status == "WAITING"]

    def is_held(self, booking: Booking) -> bool:
        return (
            booking.status == "pending" and booking.hold_until is not None and booking.hold_until > self.now
        )

    def is_in_time(self, booking: Booking) -> bool:
        return self.now.replace(microsecond=0) <= booking.refundable_until


def actor_of(hand: Hand) -> str:
    return "ATTENDEE" if hand == "student" else "STAFF"
