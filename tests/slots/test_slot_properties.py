"""Whatever a school sets up: offered is exactly what the minute by minute definition (`oracle.py`) says."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.slots.find_slots import find_slots, is_bookable
from shared.slots.open_hours import open_windows
from shared.slots.types import DateOverride, Horizon, HorizonKind, Hours, Interval, Schedule, SlotRules
from tests.slots import oracle
from tests.slots.build import EVERY_DAY, at

DAY = 86_400
NIGHTS = (
    ("UTC", at("2026-03-05T00:00Z")),
    ("Europe/Berlin", at("2026-10-25T00:00Z")),
    ("America/New_York", at("2026-03-08T06:00Z")),
    ("America/New_York", at("2027-11-07T06:00Z")),
    ("America/Santiago", at("2026-04-05T03:00Z")),
    ("America/Santiago", at("2027-09-05T04:00Z")),
    ("Africa/Cairo", at("2026-10-29T21:00Z")),
    ("Africa/Casablanca", at("2026-03-22T02:00Z")),
    ("Australia/Lord_Howe", at("2027-04-03T15:00Z")),
    ("Asia/Kathmandu", at("2026-06-01T00:00Z")),
    ("Pacific/Apia", at("2011-12-30T10:00Z")),
)

minutes = st.sampled_from([*range(0, 1440, 15), 1439])
# Evenly, because plain integers tend to be small and small questions have empty answers.
hours_in_seconds = st.sampled_from([hour * 3600 for hour in range(25)])
lengths = st.sampled_from([15, 20, 30, 45, 60, 90])
buffers = st.sampled_from([0, 0, 5, 15, 60])
kinds: st.SearchStrategy[HorizonKind] = st.sampled_from(["unlimited", "rolling", "rolling_window", "range"])


@dataclass(frozen=True)
class Case:
    around: int
    schedule: Schedule
    rules: SlotRules
    busy: tuple[Interval, ...]
    start: int
    end: int
    now: int


@st.composite
def wall_hours(draw: st.DrawFn) -> tuple[time, time]:
    opens, closes = sorted(draw(st.sampled_from([(0, 1439), (540, 1020)]) | st.tuples(minutes, minutes)))
    return time(opens // 60, opens % 60), time(closes // 60, closes % 60)


@st.composite
def schedules(draw: st.DrawFn, zone: str, around: int) -> Schedule:
    week = st.just(EVERY_DAY) | st.lists(st.integers(0, 6), max_size=5).map(tuple)
    dates = st.integers(-2, 2).map(lambda ahead: _date(around) + timedelta(days=ahead))
    weekly = draw(st.lists(st.builds(_hours, week, wall_hours()), min_size=1, max_size=3))
    overrides = draw(st.lists(st.builds(_override, dates, wall_hours()), max_size=2))
    return Schedule(zone, tuple(weekly), tuple(overrides))


@st.composite
def slot_rules(draw: st.DrawFn, around: int) -> SlotRules:
    length = draw(lengths | lengths | st.integers(1, 1600))
    first = _date(around) + timedelta(days=draw(st.integers(-2, 0)))
    last = first + timedelta(days=draw(st.integers(0, 4)))
    return SlotRules(
        length,
        interval=draw(st.just(length) | lengths | st.integers(1, 200)),
        offset=draw(st.sampled_from([0, 0, 5, 30])),
        before_buffer=draw(buffers),
        after_buffer=draw(buffers),
        minimum_notice=draw(st.sampled_from([0, 0, 60, 1440])),
        horizon=Horizon(draw(kinds), draw(st.integers(0, 3)), draw(st.booleans()), first, last),
    )


@st.composite
def busy_times(draw: st.DrawFn, around: int) -> Interval:
    seconds = st.integers(-2 * DAY, 2 * DAY) | st.integers(-48, 48).map(lambda hour: hour * 3600)
    start = around + draw(seconds)
    return start, start + draw(st.sampled_from([0, 1, 1800, 3600, 5400, DAY]))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    zone, around = draw(st.sampled_from(NIGHTS))
    start = around - draw(hours_in_seconds) + draw(st.integers(-1, 61))
    return Case(
        around,
        draw(schedules(zone, around)),
        draw(slot_rules(around)),
        tuple(draw(st.lists(busy_times(around), max_size=6))),
        start,
        end=start + draw(hours_in_seconds) + DAY // 2,
        now=start + DAY // 4 - draw(hours_in_seconds) + draw(st.integers(-1, 61)),
    )


def _hours(days: tuple[int, ...], hours: tuple[time, time]) -> Hours:
    return Hours(days, *hours)


def _override(day: date, hours: tuple[time, time]) -> DateOverride:
    return DateOverride(day, *hours)


def _date(instant: int) -> date:
    return datetime.fromtimestamp(instant, UTC).date()


@settings(max_examples=200, deadline=None)
@given(cases())
def test_open_windows_are_the_runs_of_open_minutes_of_a_date(case: Case) -> None:
    expected = [
        window
        for window in oracle.windows(oracle.open_minutes(case.schedule, case.around))
        if window[0] < case.end and case.start < window[1]
    ]
    assert open_windows(case.schedule, case.start, case.end) == expected


@settings(max_examples=250, deadline=None)
@given(cases())
def test_offered_is_exactly_what_the_definition_says(case: Case) -> None:
    found = find_slots(case.rules, case.schedule, case.busy, case.start, case.end, case.now)
    assert found == oracle.slots(
        case.rules, case.schedule, case.busy, case.start, case.end, case.now, case.around
    )


@settings(max_examples=100, deadline=None)
@given(cases())
def test_bookable_is_exactly_what_is_offered(case: Case) -> None:
    offered = find_slots(case.rules, case.schedule, case.busy, case.start, case.end, case.now)
    neighbours = {start + shift for start in offered[:20] for shift in (-60, -1, 1, 60)}
    asked = {*offered, *neighbours, *range(case.start, case.end, 1800)}
    bookable = {
        start for start in asked if is_bookable(case.rules, case.schedule, case.busy, start, case.now)
    }
    assert {start for start in bookable if case.start <= start < case.end} == set(offered)


@settings(max_examples=200, deadline=None)
@given(cases())
def test_no_lesson_with_its_buffers_meets_a_busy_second(case: Case) -> None:
    for start in find_slots(case.rules, case.schedule, case.busy, case.start, case.end, case.now):
        begin = start - case.rules.before_buffer * 60
        finish = start + (case.rules.length + case.rules.after_buffer) * 60
        assert all(finish <= busy[0] or busy[1] <= begin or busy[0] == busy[1] for busy in case.busy)


@settings(max_examples=200, deadline=None)
@given(cases(), hours_in_seconds)
def test_asking_in_two_parts_gives_the_same_answer(case: Case, cut: int) -> None:
    middle = min(case.start + cut, case.end)
    first = find_slots(case.rules, case.schedule, case.busy, case.start, middle, case.now)
    second = find_slots(case.rules, case.schedule, case.busy, middle, case.end, case.now)
    whole = find_slots(case.rules, case.schedule, case.busy, case.start, case.end, case.now)
    assert first + second == whole
