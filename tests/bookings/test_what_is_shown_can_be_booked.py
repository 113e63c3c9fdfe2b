"""Whatever a school sets up: what is shown can be booked and nothing else; a booking hides what it meets."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import urlencode

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bookings.requests import lesson
from tests.bookings.school_plans import HOUR, Plan, make_planned_school, plans
from tests.conftest import Clock
from tests.databases import TestDatabase
from tests.functions import Answer, Api
from tests.invariants import broken_invariants
from tests.schools import School

Shown = dict[int, set[int]]
"""Starts in epoch seconds, each with the teachers who are free then."""

REACH = 30 * HOUR
NOT_FREE = {"slot_taken", "slot_not_offered"}

# The names of the schools; what is drawn does not depend on them.
_numbers = count()


def shown(api: Api, school: School, plan: Plan, **query: Any) -> Shown:
    asked = {"start": _iso(plan.around - REACH), "end": _iso(plan.around + REACH)}
    asked |= {"timeZone": plan.teachers[0].zone, **query}
    answer = api.get(f"/v1/event-types/{school.lesson_id}/slots?{urlencode(asked)}")
    assert answer.status == 200, answer
    found: Shown = {}
    for slot in answer.json["slots"]:
        start, end = (int(datetime.fromisoformat(slot[key]).timestamp()) for key in ("start", "end"))
        assert end - start == plan.length * 60
        found[start] = set(slot["teacherIds"])
    return found


def book(api: Api, school: School, start: int, **more: Any) -> Answer:
    return api.post("/v1/bookings", lesson(school, _iso(start), **more))


def _iso(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).isoformat()


def refuses_what_is_not_shown(api: Api, school: School, plan: Plan, told: Shown, shift: int) -> None:
    """Around each edge, and over the night in steps that no grid has."""
    step = (plan.event_type["slotInterval"] or plan.length) * 60
    edges = [start for start in told if start - step not in told or start + step not in told]
    beside = {edge + away for edge in _some(edges, 3, shift) for away in (-step, -60, -1, 1, 60, step)}
    night = set(range(plan.around - 4 * HOUR + shift * 300, plan.around + 4 * HOUR, 50 * 60))
    asked = {start for start in beside | night if abs(start - plan.around) < REACH} - told.keys()
    for start in asked:
        answer = book(api, school, start)
        assert answer.status in (409, 422), (start, answer)
        assert answer.code in NOT_FREE, (start, answer)


def refuses_who_is_not_shown(api: Api, school: School, told: Shown, shift: int) -> None:
    others = [(start, other) for start in told for other in school.teachers if other not in told[start]]
    for start, other in _some(others, 3, shift):
        assert book(api, school, start, teacherId=other).code in NOT_FREE


def books_and_hides(api: Api, school: School, plan: Plan, told: Shown, start: int) -> None:
    answer = book(api, school, start)
    assert answer.status == 201, (start, answer)
    teacher = answer.json["teacher"]["id"]
    assert teacher in told[start]
    expected = {
        other: left
        for other, free in told.items()
        if (left := free - {teacher} if abs(other - start) < plan.apart else free)
    }
    now = shown(api, school, plan)
    if plan.event_type["bookingLimits"] is None:
        assert now == expected
    else:
        # A period may be full now; then this teacher, and nobody else, gives no more in it.
        assert all(now.get(other, set()) | {teacher} == free | {teacher} for other, free in expected.items())
        assert all(now[other] <= expected[other] for other in now)


def _some(things: Sequence[Any], most: int, shift: int) -> list[Any]:
    """Up to `most` of them, spread out."""
    if not things:
        return []
    return [things[(shift + len(things) * n // most) % len(things)] for n in range(min(most, len(things)))]


@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(plan=plans(), shift=st.integers(0, 9))
def test_what_is_shown_can_be_booked_and_nothing_else(
    api: Api, database: TestDatabase, clock: Clock, plan: Plan, shift: int
) -> None:
    api.tenant = f"school{next(_numbers)}"
    school = make_planned_school(database, api.tenant, plan)
    clock(datetime.fromtimestamp(plan.now, UTC))
    told = shown(api, school, plan)
    for teacher in school.teachers[-1:]:
        alone = {start: {teacher} for start, free in told.items() if teacher in free}
        assert shown(api, school, plan, teacherId=teacher) == alone
    refuses_what_is_not_shown(api, school, plan, told, shift)
    refuses_who_is_not_shown(api, school, told, shift)
    assert shown(api, school, plan) == told
    for _ in range(3):
        before = told
        for start in _some(list(told), 1, shift * 7):
            books_and_hides(api, school, plan, told, start)
        told = shown(api, school, plan)
        for start in _some(sorted(before.keys() - told.keys()), 2, shift):
            assert book(api, school, start).code == "slot_taken"
    assert broken_invariants(database) == []
