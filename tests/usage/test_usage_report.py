"""What a school is told of its use of the plan."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.bookings.life import Staff
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Answer, Api, LoadedFunction
from tests.platform.root import Root, made_root
from tests.schools import School, make_school

NOW = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)


class Stopped(datetime):
    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return NOW


def stopped(function: LoadedFunction, monkeypatch: pytest.MonkeyPatch) -> LoadedFunction:
    for module in (function.module, *function.beside):
        monkeypatch.setattr(module, "datetime", Stopped, raising=False)
    return function


@pytest.fixture
def staff(load: Load, school: School, monkeypatch: pytest.MonkeyPatch) -> Iterator[Staff]:
    function = stopped(load("admin_api", UPLOADS_BUCKET="uploads"), monkeypatch)
    yield Staff(Api(function), school.admin_email)
    function.close()


@pytest.fixture
def root(load: Load, database: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[Root]:
    made_root(database)
    function = stopped(load("platform_api", OPS_DATABASE_URL=database.ops_url), monkeypatch)
    yield Root(Api(function, tenant=None))
    function.close()


def usage(staff: Staff, question: str = "", email: str | None = None) -> Answer:
    return staff.api.get(f"/v1/admin/usage{question}", claims={"email": email or staff.email})


def count(school: School, year: int, month: int, bookings: int) -> None:
    school.database.rows(
        """INSERT INTO "TenantUsage" ("tenantId", year, month, "bookingsCount", "teachersCount")
           VALUES (:t, :y, :m, :n, 1)""",
        t=school.id,
        y=year,
        m=month,
        n=bookings,
    )


def test_a_teacher_is_not_told(staff: Staff) -> None:
    assert usage(staff, email="teacher1@aurora.test").code == "forbidden"


@pytest.mark.parametrize("asked", ["cursor=2026", "cursor=2026-13", "cursor=2026-00", "limit=0", "limit=101"])
def test_a_question_that_makes_no_sense_is_refused(staff: Staff, asked: str) -> None:
    assert usage(staff, f"?{asked}").code == "invalid_request"


def test_a_school_that_has_taken_no_booking_has_used_none(staff: Staff, school: School) -> None:
    school.change("Tenant", school.id, maxBookingsPerMonth=5_000, maxEventTypes=200)
    assert usage(staff).json == {
        "plan": "PRO",
        "features": ["customDomain", "immersioSync", "landingTemplates", "whitelist", "workshops"],
        "month": "2026-12",
        "renewsAt": "2027-01-01T00:00:00Z",
        "bookings": {"used": 0, "allowed": 5_000, "percent": 0},
        "teachers": {"used": 1, "allowed": 50, "percent": 2},
        "eventTypes": {"used": 1, "allowed": 200, "percent": 0},
        "history": [],
    }


@pytest.mark.parametrize(
    ("used", "allowed", "percent"), [(2, 3, 66), (3, 2, 150), (0, 0, 100), (7, None, None)]
)
def test_percents_are_rounded_down_and_unlimited_is_absent(
    staff: Staff, school: School, used: int, allowed: int | None, percent: int | None
) -> None:
    count(school, 2026, 12, used)
    school.change("Tenant", school.id, maxBookingsPerMonth=allowed)
    told = {"used": used, "allowed": allowed, "percent": percent}
    assert usage(staff).json["bookings"] == {name: value for name, value in told.items() if value is not None}


def test_unlimited_teachers_are_absent_too(staff: Staff, school: School) -> None:
    school.change("Tenant", school.id, maxTeachers=2_147_483_647)
    assert usage(staff).json["teachers"] == {"used": 1}


def test_the_months_before_are_told_newest_first_by_pages(staff: Staff, school: School) -> None:
    lotus = make_school(school.database, "lotus")
    for year, month in ((2025, 11), (2025, 12), (2026, 1), (2026, 11), (2026, 12), (2027, 1)):
        count(school, year, month, year + month)
        count(lotus, year, month, 1)
    pages, cursor = [], ""
    while True:
        page = usage(staff, f"?limit=2{cursor}").json
        pages.append([(each["month"], each["bookings"]) for each in page["history"]])
        if "nextCursor" not in page:
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert pages == [[("2026-11", 2037), ("2026-01", 2027)], [("2025-12", 2037), ("2025-11", 2036)]]


def test_the_platform_is_told_the_same(root: Root, staff: Staff, school: School) -> None:
    count(school, 2026, 12, 3)
    count(school, 2026, 11, 2)
    assert root.get(f"/{school.id}/usage").json == usage(staff).json
    assert root.get("/2000000000/usage").code == "tenant_not_found"
