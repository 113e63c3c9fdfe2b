"""Schedules: what AWS writes, when it is due, and what the function then receives."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from local.schedule_expressions import UnsupportedExpression, timetable
from tests.local.conftest import Sample

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    "expression",
    [
        "at(2030-01-01T00:00:00)", "rate(0 minutes)", "rate(5 weeks)", "rate(1.5 hours)", "every minute",
        "cron(0 0 1 * *)", "cron(0 0 1 * * *)", "cron(0 0 ? * ? *)", "cron(60 0 1 * ? *)",
        "cron(0 24 1 * ? *)", "cron(0 0 L * ? *)", "cron(0 0 ? * MON#1 *)", "cron(0 0 15W * ? *)",
        "cron(5-1 0 1 * ? *)",
    ],
)  # fmt: skip
def test_what_it_cannot_keep_is_refused(expression: str) -> None:
    with pytest.raises(UnsupportedExpression):
        timetable(expression)


@pytest.mark.parametrize(
    ("expression", "after", "due"),
    [
        ("rate(15 minutes)", "2026-05-04T10:00:00", "2026-05-04T10:15:00"),
        ("rate(1 day)", "2026-05-04T10:00:00", "2026-05-05T10:00:00"),
        ("cron(0 0 1 * ? *)", "2026-12-01T00:00:00", "2027-01-01T00:00:00"),
        ("cron(0/15 * * * ? *)", "2026-05-04T10:44:59", "2026-05-04T10:45:00"),
        ("cron(30 8 ? * MON-FRI *)", "2026-05-08T09:00:00", "2026-05-11T08:30:00"),
        ("cron(0 12 ? * 1 *)", "2026-05-04T00:00:00", "2026-05-10T12:00:00"),
        ("cron(0 0 29 2 ? *)", "2026-01-01T00:00:00", "2028-02-29T00:00:00"),
        ("cron(0 6,18 * JAN,JUN ? *)", "2026-01-31T18:00:00", "2026-06-01T06:00:00"),
    ],
)
def test_a_schedule_is_due_when_aws_says(expression: str, after: str, due: str) -> None:
    moment = datetime.fromisoformat(f"{after}+00:00")
    assert timetable(expression).next_after(moment, ZoneInfo("UTC")) == datetime.fromisoformat(f"{due}+00:00")


def test_a_year_that_is_over_is_never_due() -> None:
    assert timetable("cron(0 0 1 1 ? 2020)").next_after(datetime(2026, 1, 1, tzinfo=UTC), BERLIN) is None


def test_a_wall_time_stays_a_wall_time_across_a_dst_change() -> None:
    daily = timetable("cron(0 9 * * ? *)")
    saturday = datetime(2026, 3, 28, 8, 0, tzinfo=UTC)
    assert daily.next_after(saturday, BERLIN) == datetime(2026, 3, 29, 7, 0, tzinfo=UTC)


def test_a_wall_time_that_a_dst_change_skips_is_skipped() -> None:
    nightly = timetable("cron(30 2 * * ? *)")
    saturday = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    assert nightly.next_after(saturday, BERLIN) == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("name", ["Unknown", "NoteFunction", "Messages"])
def test_an_unknown_schedule_is_not_found(sample: Sample, name: str) -> None:
    assert sample.http.post(f"/_local/schedules/{name}/run").status_code == 404


@pytest.mark.parametrize("name", ["NoteFunctionMonthly", "Monthly"])
def test_a_schedule_is_fired_by_its_generated_id_or_its_own(sample: Sample, name: str) -> None:
    response = sample.http.post(f"/_local/schedules/{name}/run")
    assert response.json() == {"batchItemFailures": []}
    event = sample.notes()[-1]
    assert event.pop("id")
    assert datetime.fromisoformat(event.pop("time")).tzinfo is not None
    assert event == {
        "version": "0",
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": "123456789012",
        "region": "us-east-1",
        "resources": ["arn:aws:scheduler:us-east-1:123456789012:schedule/default/NoteFunctionMonthly"],
        "detail": "{}",
    }


def test_an_input_that_is_written_down_is_all_that_the_function_gets(sample: Sample) -> None:
    sample.http.post("/_local/schedules/Daily/run")
    assert sample.notes()[-1] == {"said": "daily"}
