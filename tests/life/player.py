"""How a command is played: sent as it would be, held against the model, and carried out there too."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine

from tests.databases import TestDatabase
from tests.functions import Answer
from tests.life.model import Model
from tests.life.things import Booking, Course, Hand, Place, Session
from tests.life.world import BEGIN, Functions, World, make_world, refused_as

# Which one of many: whether among those that can still be changed, and counted from the latest.
Pick = tuple[bool, int]
# A moment of the booking, and how long after it.
Moment = tuple[str, timedelta] | None
Wanted = Callable[[Booking], Any]
SetClock = Callable[[datetime], None]


class Player(RuleBasedStateMachine):
    """One school; the rules that it is played by are its heir's."""

    world: World
    model: Model

    def __init__(self, database: TestDatabase, functions: Functions, set_clock: SetClock) -> None:
        super().__init__()
        self.database, self.functions, self.set_clock = database, functions, set_clock
        self.keys = self.payments = 0

    def begin(self, allowed: int | None) -> None:
        self.world = make_world(self.database, self.functions, allowed)
        self.model = self.world.model
        self.go_to(BEGIN)

    def go_to(self, now: datetime) -> None:
        self.model.now = now
        self.set_clock(now)

    def wait_until(self, booking: Booking, moment: Moment) -> None:
        """Parts of a second do not count for refunds; nothing else is asked for them."""
        if moment is None:
            return
        which, late = moment
        at = getattr(booking, which)
        late = late if which == "refundable_until" else late // timedelta(seconds=1) * timedelta(seconds=1)
        if at is not None and at + late > self.model.now:
            self.go_to(at + late)

    def picked(self, pick: Pick, wanted: Wanted = bool) -> Booking | None:
        among = [b for b in self.model.bookings if wanted(b)]
        among = [b for b in among if b.is_live and pick[0]] or among
        return among[-1 - pick[1] % len(among)] if among else None

    # ── Booking ─────────────────────────────────────────────────────────────────────────────────────
    def play_lesson(self, who: str, kind: int, start: datetime, whom: int | None, keyed: bool) -> None:
        course = self.world.lessons[kind]
        teachers = self.model.teachers if whom is None else [self.model.teachers[whom]]
        body = {"eventTypeId": course.id, "start": start.isoformat(), "attendee": _attendee(who)}
        why = self.model.why_not_lesson(course, start, teachers) | self.model.why_not_plan(1)
        answer = self._book(body if whom is None else {**body, "teacherId": teachers[0]}, keyed, why)
        if answer:
            teacher = answer.json["teacher"]["id"]
            assert teacher in self.model.free_teachers(course, start, teachers)
            self._booked(answer, [self.model.book(course, who, teacher, start)])

    def play_seat(self, who: str, session: Session, keyed: bool) -> None:
        body = {"eventTypeId": session.course.id, "sessionNumber": session.number}
        why = self.model.why_not_seat(session, who) | self.model.why_not_plan(1)
        if answer := self._book({**body, "attendee": _attendee(who)}, keyed, why):
            self._booked(answer, [self._seat(who, session)])

    def play_series(self, who: str, course: Course, series: str, keyed: bool) -> None:
        why, free = self.model.why_not_series(course, who)
        why = set() if series == "available" and free else why
        body = {"eventTypeId": course.id, "series": series, "attendee": _attendee(who)}
        if answer := self._book(body, keyed, why | self.model.why_not_plan(len(free))):
            self._booked(answer, [self._seat(who, session) for session in free])

    def play_waiting(self, who: str, session: Session) -> None:
        path = f"/event-types/{session.course.id}/sessions/{session.number}/waitlist"
        answer = self.world.post("student", path, body={"attendee": _attendee(who)})
        if not refused_as(answer, self.model.why_not_wait(session, who), 201):
            assert answer.json["position"] == len(self.model.waiting(session)) + 1
            self.model.wait(session, who, answer.json["id"], answer.json["token"])

    def play_leaving(self, place: Place, hand: Hand) -> None:
        answer = self.world.post(hand, f"/waitlist-entries/{place.id}/leave", place.token)
        if not refused_as(answer, self.model.why_not_leave(place, hand), 200):
            self.model.leave(place)

    def play_end_of_session(self, session: Session, hand: Hand) -> None:
        path = f"/event-types/{session.course.id}/sessions/{session.number}/cancel"
        answer = self.world.post(hand, path)
        if not refused_as(answer, self.model.why_not_cancel_session(session, hand), 200):
            assert answer.json["bookingsCancelled"] == self.model.cancel_session(session)

    def play_payment(self, booking: Booking, is_paid: bool) -> None:
        self.payments += 1
        self.world.pay(booking, 1000 + self.payments, is_paid)

    def _book(self, body: dict[str, Any], keyed: bool, why: set[str]) -> Answer | None:
        key = self._key(keyed)
        answer = self.world.post("student", "/bookings", body=body, key=key)
        if refused_as(answer, why, 201):
            return None
        self._remember(answer, "student", "/bookings", "", body, key)
        return answer

    def _seat(self, who: str, session: Session) -> Booking:
        return self.model.book(session.course, who, session.teacher, session.start, session)

    def _booked(self, answer: Answer, made: list[Booking]) -> None:
        """Two of three pay, the third tries."""
        told = answer.json.get("seats") or [answer.json]
        assert [one.get("sessionNumber") for one in told] == [b.session and b.session.number for b in made]
        for booking, one in zip(made, told, strict=True):
            self.world.learn(booking, one["uid"], one["manageToken"])
            self.play_payment(booking, self.payments % 3 > 0)
        self.model.tell_created(made)

    # ── Changing ────────────────────────────────────────────────────────────────────────────────────
    def play_cancel(self, booking: Booking, hand: Hand) -> None:
        if self._changed(booking, hand, "cancel", self.model.why_not_cancel(booking, hand)):
            self.model.cancel(booking, hand)

    def play_decision(self, booking: Booking, hand: Hand, what: str) -> None:
        """What is `confirm` or `reject`."""
        if what == "reject":
            if self._changed(booking, hand, what, self.model.why_not_reject(booking, hand)):
                self.model.reject(booking)
        elif self._changed(booking, hand, what, self.model.why_not_confirm(booking, hand)):
            self.model.accept(booking, "CONFIRMED", "STAFF")

    def play_acceptance(self, booking: Booking, hand: Hand) -> None:
        if self._changed(booking, hand, "accept", self.model.why_not_accept(booking, hand)):
            self.model.accept(booking, "SEAT_ACCEPTED", "ATTENDEE")
            self.play_payment(booking, is_paid=True)

    def play_no_show(self, booking: Booking, hand: Hand, absent: bool) -> None:
        body = {"attendee": absent}
        if self._changed(booking, hand, "no-show", self.model.why_not_no_show(booking, hand), body):
            self.model.note_no_show(booking, absent)

    def _changed(self, booking: Booking, hand: Hand, what: str, why: set[str], body: Any = None) -> bool:
        return not refused_as(self.world.change(hand, booking, what, body), why, 200)

    def play_move(
        self, booking: Booking, hand: Hand, start: datetime, teacher: int, keyed: bool, *, by_name: bool
    ) -> None:
        """Of a lesson; the teacher is said or not."""
        place = self.model.why_not_lesson(booking.course, start, [teacher], booking)
        body = {"start": start.isoformat()} | ({"teacherId": teacher} if by_name else {})
        why = self.model.why_not_move(booking, hand, teacher, place)
        if answer := self._move(booking, hand, body, why, keyed):
            self._moved(answer, self.model.move(booking, hand, start, teacher))

    def play_change_of_session(self, booking: Booking, hand: Hand, number: int, keyed: bool) -> None:
        to = next((s for s in self.model.sessions if (s.course, s.number) == (booking.course, number)), None)
        place = self.model.why_not_seat(to, booking.student)
        why = self.model.why_not_move(booking, hand, to.teacher if to else booking.teacher, place)
        answer = self._move(booking, hand, {"sessionNumber": number}, why, keyed)
        if answer and to:
            self._moved(answer, self.model.move(booking, hand, to.start, to.teacher, to))

    def _move(
        self, booking: Booking, hand: Hand, body: dict[str, Any], why: set[str], keyed: bool
    ) -> Answer | None:
        key = self._key(keyed)
        answer = self.world.change(hand, booking, "reschedule", body, key)
        if refused_as(answer, why, 201):
            return None
        self._remember(answer, hand, f"/bookings/{booking.uid}/reschedule", booking.token, body, key)
        return answer

    def _moved(self, answer: Answer, child: Booking) -> None:
        """The staff is not told the token; a student finds it in the mail."""
        self.world.learn(child, answer.json["uid"], answer.json.get("manageToken"))

    # ── Again ───────────────────────────────────────────────────────────────────────────────────────
    def _key(self, keyed: bool) -> str | None:
        self.keys += 1
        return f"key-{self.keys}" if keyed else None

    def _remember(
        self, first: Answer, hand: Hand, path: str, token: str, body: dict[str, Any], key: str | None
    ) -> None:
        """The same request under the same key is answered the same ever after, another one is refused."""

        def ask_again() -> None:
            again = self.world.post(hand, path, token, body, key)
            assert (again.status, again.headers["idempotent-replayed"]) == (201, "true"), again
            same = first.json if hand == "student" else {"uid": first.json["uid"]}
            assert again.json | same == again.json
            other = self.world.post(hand, path, token, body | _another(body), key)
            assert refused_as(other, {"idempotency_key_reused"}, 201)

        if key:
            self.world.again.append(ask_again)


def _another(body: dict[str, Any]) -> dict[str, Any]:
    """A week later, the next session, or the other series."""
    if "start" in body:
        return {"start": (datetime.fromisoformat(body["start"]) + timedelta(days=7)).isoformat()}
    if "series" in body:
        return {"series": "all" if body["series"] == "available" else "available"}
    return {"sessionNumber": body["sessionNumber"] + 1}


def _attendee(email: str) -> dict[str, str]:
    return {"name": "Mai Nguyen", "email": email, "timeZone": "Asia/Ho_Chi_Minh"}
