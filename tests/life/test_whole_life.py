"""Whatever students, the staff and time do to bookings, in any order: the service does what the rules say.

The lives are the same at each run. LIFE_EXAMPLES=2000 plays that many others with fresh luck, and looks for
the shortest one that fails, which takes minutes; `make fuzz-life` does.
"""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from tests.conftest import Load
from tests.databases import TestDatabase
from tests.life.player import Moment, Pick, Player, Wanted
from tests.life.things import Booking, Hand
from tests.life.world import STUDENTS, Functions

PARTS = 4
FRESH = int(os.environ.get("LIFE_EXAMPLES", "0"))
PLAYED = settings(
    max_examples=-(-(FRESH or 80) // PARTS),
    stateful_step_count=30,
    deadline=None,
    derandomize=not FRESH,
    database=None,
    phases=[Phase.generate, Phase.shrink] if FRESH else [Phase.generate],
    suppress_health_check=list(HealthCheck),
)

SECOND = timedelta(seconds=1)
# Days ahead, hour, minute; hours of work mostly.
Start = tuple[int, int, int]
starts = st.tuples(st.integers(0, 3), st.sampled_from([10, 9, 11, 16, 8]), st.sampled_from([0] * 9 + [30]))
moments = (
    st.none()
    | st.none()
    | st.tuples(
        st.sampled_from(["refundable_until", "refundable_until", "hold_until", "start"]),
        st.sampled_from([0 * SECOND, SECOND, -SECOND, SECOND / 2]),
    )
)
picks = st.tuples(st.sampled_from([True, True, True, False]), st.integers(0, 7))
# When the session that somebody moves to begins, or a second before; mostly at once.
AT_START = [None, None, None, 0 * SECOND, -SECOND]
THEN = ["nothing", "accept", "confirm", "reject", "move", "move"]
students, numbers, keys = st.sampled_from(STUDENTS), st.integers(0, 4), st.booleans()
staff: st.SearchStrategy[Hand] = st.sampled_from(["admin", "admin", "admin", "teacher"])
holders: st.SearchStrategy[Hand] = st.sampled_from(["student", "student", "student", "stranger"])
hands = st.one_of(holders, staff)


class WholeLife(Player):
    """One school's days, step by step."""

    @initialize(allowed=st.sampled_from([None, None, 14, 9]), crowded=numbers)
    def open_school(self, allowed: int | None, crowded: int) -> None:
        """Two lessons, two requests, and a session in which not everybody finds a seat."""
        self.begin(allowed)
        for number, who in enumerate(STUDENTS):
            start = (1, 9 + number // 2 * 2, 0)
            self.book_a_lesson(who, kind=number % 2, start=start, whom=number % 2, keyed=number < 2)
        self.everybody_comes(crowded)

    @rule(who=students, kind=st.integers(0, 1), start=starts, whom=st.sampled_from([None, 0, 1]), keyed=keys)
    def book_a_lesson(self, who: str, kind: int, start: Start, whom: int | None, keyed: bool) -> None:
        self.play_lesson(who, kind, self._at(start), whom, keyed)

    @rule(who=students, number=numbers, series=st.sampled_from([None, None, "all", "available"]), keyed=keys)
    def book_seats(self, who: str, number: int, series: str | None, keyed: bool) -> None:
        session = self.model.sessions[number]
        if series is None:
            self.play_seat(who, session, keyed)
        else:
            self.play_series(who, session.course, series, keyed)

    @rule(number=numbers)
    def everybody_comes(self, number: int) -> None:
        session = self.model.sessions[number]
        for who in STUDENTS:
            self.play_seat(who, session, keyed=False)
            if not self.model.has_seat(session, who):
                self.play_waiting(who, session)

    @precondition(lambda self: self.world.again)
    @rule(number=st.integers(0, 7))
    def ask_again(self, number: int) -> None:
        self.world.again[-1 - number % len(self.world.again)]()

    @rule(pick=picks, hand=hands, moment=moments)
    def cancel(self, pick: Pick, hand: Hand, moment: Moment) -> None:
        if booking := self.picked(pick):
            self.wait_until(booking, moment)
            self.play_cancel(booking, hand)

    @precondition(lambda self: any(self.model.waiting(session) for session in self.model.sessions))
    @rule(pick=picks, hand=st.sampled_from(["student", "admin"]), then=st.sampled_from(THEN))
    def free_a_seat(self, pick: Pick, hand: Hand, then: str) -> None:
        """One that somebody waits for; and what comes next of it."""
        freed = self.picked(pick, lambda b: b.is_live and b.session and self.model.waiting(b.session))
        if freed is None or freed.session is None:
            return
        self.play_cancel(freed, hand)
        self.world.learn_offers()
        if then == "move":
            if moving := self.picked(
                pick, lambda b: b.course is freed.course and b.session is not freed.session
            ):
                self.play_change_of_session(moving, hand, freed.session.number, keyed=False)
        elif offered := self.picked(
            (True, 0), lambda b: b.session is freed.session and b.status == "pending"
        ):
            if then == "accept":
                self.play_acceptance(offered, "student")
            elif then != "nothing":
                self.play_decision(offered, "admin", then)

    @rule(pick=picks, hand=hands, start=starts, whom=st.sampled_from([None, None, 0, 1]), moment=moments)
    def move_a_lesson(self, pick: Pick, hand: Hand, start: Start, whom: int | None, moment: Moment) -> None:
        if booking := self.picked(pick, lambda b: b.session is None):
            self.wait_until(booking, moment)
            teacher = booking.teacher if whom is None else self.model.teachers[whom]
            keyed = moment is not None
            self.play_move(booking, hand, self._at(start), teacher, keyed, by_name=whom is not None)

    @rule(
        pick=picks, hand=hands, number=st.integers(0, 5), moment=moments, at_start=st.sampled_from(AT_START)
    )
    def move_a_seat(
        self, pick: Pick, hand: Hand, number: int, moment: Moment, at_start: timedelta | None
    ) -> None:
        if booking := self.picked(pick, lambda b: b.session):
            self.wait_until(booking, moment)
            sessions = [s for s in self.model.sessions if s.course is booking.course]
            to = sessions[number % len(sessions)]
            if at_start is not None and to.start + at_start > self.model.now:
                self.go_to(to.start + at_start)
            self.play_change_of_session(booking, hand, to.number, keyed=moment is not None)

    @rule(pick=picks, what=st.sampled_from(["confirm", "confirm", "reject"]), hand=staff, moment=moments)
    def decide(self, pick: Pick, what: str, hand: Hand, moment: Moment) -> None:
        if booking := self._held(pick):
            self.wait_until(booking, moment)
            self.play_decision(booking, hand, what)

    @precondition(lambda self: any(place.booking for place in self.model.places))
    @rule(pick=picks, hand=holders, moment=moments)
    def accept_a_seat(self, pick: Pick, hand: Hand, moment: Moment) -> None:
        if booking := self._held(pick, lambda b: b.session and b.history):
            self.wait_until(booking, moment)
            self.play_acceptance(booking, hand)

    @precondition(lambda self: any(b.start <= self.model.now for b in self.model.bookings))
    @rule(pick=picks, hand=staff, absent=st.booleans(), ahead=st.sampled_from([False, False, False, True]))
    def note_a_no_show(self, pick: Pick, hand: Hand, absent: bool, ahead: bool) -> None:
        if booking := self.picked(pick, lambda b: (b.start > self.model.now) is ahead):
            self.play_no_show(booking, hand, absent)

    @rule(who=students, number=numbers)
    def wait_for_a_seat(self, who: str, number: int) -> None:
        self.play_waiting(who, self.model.sessions[number])

    @precondition(lambda self: self.model.places)
    @rule(number=st.integers(0, 7), hand=holders)
    def leave_a_waitlist(self, number: int, hand: Hand) -> None:
        self.play_leaving(self.model.places[-1 - number % len(self.model.places)], hand)

    @precondition(lambda self: sum(self.model.is_open(s) for s in self.model.sessions) > 3)
    @rule(number=numbers, hand=staff)
    def cancel_a_session(self, number: int, hand: Hand) -> None:
        self.play_end_of_session(self.model.sessions[number], hand)

    @rule(hours=st.sampled_from([0, 0.25, 3, 13]), pick=picks, moment=moments, is_swept=st.booleans())
    def time_passes(self, hours: float, pick: Pick, moment: Moment, is_swept: bool) -> None:
        self.go_to(self.model.now + timedelta(hours=hours))
        if booking := self._held(pick):
            self.wait_until(booking, moment)
        if is_swept:
            assert self.functions.house({"source": "aws.scheduler", "detail": "{}"})["failed"] == 0
            self.model.keep_house()

    @invariant()
    def both_agree(self) -> None:
        self.world.learn_offers()
        self.world.agree()

    def teardown(self) -> None:
        try:
            self.world.agree_in_the_end()
        finally:
            self.database.wipe()

    def _held(
        self, pick: Pick, was_held: Wanted = lambda b: b.course.confirms or b.history
    ) -> Booking | None:
        """Mostly one that still is."""
        held = self.picked(pick, lambda b: was_held(b) and b.status == "pending") if pick[0] else None
        return held or self.picked(pick, was_held)

    def _at(self, start: Start) -> datetime:
        days, hour, minute = start
        midnight = self.model.now.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + timedelta(days=days, hours=hour, minutes=minute)


@pytest.fixture
def functions(load: Load, database: TestDatabase) -> Iterator[Functions]:
    """The handlers, loaded once for all lives."""
    loaded = Functions(
        load("booking_api"),
        load("admin_api", UPLOADS_BUCKET="uploads"),
        load("housekeeping", OPS_DATABASE_URL=database.ops_url),
    )
    yield loaded
    for each in (loaded.students, loaded.staff, loaded.house):
        each.close()


@pytest.mark.parametrize("part", range(PARTS))
def test_a_whole_life_goes_by_the_rules(
    database: TestDatabase, functions: Functions, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    def set_clock(now: datetime) -> None:
        class Stopped(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return now

        for module in functions.modules():
            monkeypatch.setattr(module, "datetime", Stopped)

    def life() -> WholeLife:
        return WholeLife(database, functions, set_clock)

    # A factory will do, says its documentation.
    run_state_machine_as_test(cast(Any, life if FRESH else seed(part)(life)), settings=PLAYED)
