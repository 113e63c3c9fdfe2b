"""Schools of every kind around a night on which clocks change: drawn by Hypothesis, then made."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.databases import TestDatabase
from tests.schools import School, make_school
from tests.slots.build import at

HOUR = 3600

# When the clocks of the zone change; those of Kathmandu never do.
NIGHTS = (
    ("Europe/Berlin", at("2027-03-28T01:00Z")),
    ("America/New_York", at("2026-11-01T06:00Z")),
    ("America/Santiago", at("2026-09-06T04:00Z")),
    ("Africa/Cairo", at("2026-10-29T21:00Z")),
    ("Australia/Lord_Howe", at("2027-04-03T15:00Z")),
    ("Asia/Kathmandu", at("2026-06-01T00:00Z")),
)
ELSEWHERE = ("Asia/Ho_Chi_Minh", "America/New_York", "Pacific/Auckland", "UTC")

CALCOMS = """
    INSERT INTO "Booking" (uid, "userId", "eventTypeId", title, "startTime", "endTime")
    VALUES (gen_random_uuid(), :teacher, :event_type, 'Theirs', :start,
            CAST(:start AS timestamp) + interval '45 minutes')"""
AWAY = """
    INSERT INTO "OutOfOfficeEntry" ("tenantId", "userId", uuid, start, "end", "updatedAt")
    VALUES (:tenant, :teacher, gen_random_uuid(), CAST(:day AS timestamp),
            CAST(:day AS timestamp) + interval '23:59:59.999', now())"""
RULE = """
    UPDATE "TeacherCourseAssignment" SET "recurrenceRule" = CAST(:rule AS jsonb)
    WHERE "teacherId" = :teacher AND "tenantId" = :tenant"""


@dataclass(frozen=True)
class TeacherPlan:
    """Hours are (start, end) on the wall; days count from the day of the night."""

    zone: str
    weekly: tuple[str, str]
    overrides: tuple[tuple[int, tuple[str, str]], ...]
    away: tuple[int, ...]
    rule: str | None
    booked: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """`around` and `now` in epoch seconds; `event_type` are columns, `teachers` at least one."""

    around: int
    now: int
    event_type: dict[str, Any]
    horizon: dict[str, Any]
    teachers: tuple[TeacherPlan, ...]

    @property
    def length(self) -> int:
        return int(self.event_type["length"])

    @property
    def apart(self) -> int:
        """Seconds from one start to the next that the same teacher can keep, buffers and all."""
        buffers = self.event_type["beforeEventBuffer"] + self.event_type["afterEventBuffer"]
        return int(self.length + buffers) * 60


wall_hours = st.sampled_from(
    [("00:00", "23:59"), ("00:30", "04:10"), ("09:00", "17:00"), ("21:00", "23:59"), ("01:15", "13:05")]
)
limits = st.sampled_from(
    [(None, None), (None, None), ('{"PER_DAY": 2}', None), ('{"PER_WEEK": 3}', '{"PER_DAY": 150}')]
)


def teacher_plans(zone: str) -> st.SearchStrategy[TeacherPlan]:
    ahead = st.integers(-1, 1)
    return st.builds(
        TeacherPlan,
        st.just(zone) | st.sampled_from(ELSEWHERE),
        wall_hours,
        st.lists(st.tuples(ahead, wall_hours | st.just(("00:00", "00:00"))), max_size=2).map(tuple),
        st.lists(ahead, max_size=1).map(tuple),
        st.sampled_from([None, None, '{"freq": 3, "interval": 2, "dtstart": "2026-01-01"}']),
        st.lists(st.integers(-30, 30), max_size=3, unique=True).map(tuple),
    )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    zone, around = draw(st.sampled_from(NIGHTS))
    most, longest = draw(limits)
    length = draw(st.sampled_from([30, 45, 60, 90]))
    day = datetime.fromtimestamp(around, UTC).replace(hour=0, minute=0, tzinfo=None)
    event_type = {
        "length": length,
        "slotInterval": draw(st.sampled_from([None, 15, 20, 50])),
        "offsetStart": draw(st.sampled_from([0, 0, 10])),
        "beforeEventBuffer": draw(st.sampled_from([0, 0, 15])),
        "afterEventBuffer": draw(st.sampled_from([0, 0, 10])),
        "minimumBookingNotice": draw(st.sampled_from([0, 0, 90])),
        "bookingLimits": most,
        "durationLimits": longest,
    }
    horizon = {
        "periodType": draw(st.sampled_from(["unlimited", "unlimited", "rolling", "rolling_window", "range"])),
        "periodDays": draw(st.integers(0, 3)),
        "periodStartDate": day - timedelta(days=1),
        "periodEndDate": day + timedelta(days=draw(st.integers(-1, 1))),
    }
    teachers = draw(st.lists(teacher_plans(zone), min_size=1, max_size=3))
    now = around - draw(st.integers(-6, 48)) * HOUR - draw(st.sampled_from([0, 1, 1799]))
    return Plan(around, now, event_type, horizon, tuple(teachers))


def make_planned_school(database: TestDatabase, subdomain: str, plan: Plan) -> School:
    """The school in the tables, with the bookings it has already."""
    school = make_school(database, subdomain, days=[])
    school.change("EventType", school.lesson_id, **plan.event_type)
    school.change_as_calcom("EventType", school.lesson_id, **plan.horizon)
    for teacher in plan.teachers:
        _teach(school, teacher, plan.around)
    return school


def _teach(school: School, plan: TeacherPlan, around: int) -> None:
    start, end = plan.weekly
    teacher = school.add_teacher(time_zone=plan.zone, start=start, end=end, days=[0, 1, 2, 3, 4, 5, 6])
    schedule = school.database.value('SELECT "defaultScheduleId" FROM users WHERE id = :u', u=teacher)
    midnight = datetime.fromtimestamp(around, UTC).replace(hour=0, minute=0, tzinfo=None)
    for ahead, (opens, closes) in plan.overrides:
        date = (midnight + timedelta(days=ahead)).date().isoformat()
        school.add_hours(schedule, start=opens, end=closes, date=date)
    for ahead in plan.away:
        day = midnight + timedelta(days=ahead)
        school.database.rows(AWAY, tenant=school.id, teacher=teacher, day=day)
    for hour in plan.booked:
        start_time = datetime.fromtimestamp(around + hour * HOUR, UTC).replace(tzinfo=None)
        school.database.rows(CALCOMS, teacher=teacher, event_type=school.lesson_id, start=start_time)
    if plan.rule:
        school.database.rows(RULE, tenant=school.id, teacher=teacher, rule=plan.rule)
