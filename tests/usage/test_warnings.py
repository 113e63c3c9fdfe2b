"""A school's admins are warned before its month is full, and when it is: once each, whoever counts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from shared.database import connect_database, in_tenant
from shared.notifications.notices import NOTICES
from shared.notifications.write_notice import write_notice
from shared.tenant_scope import of_tenant
from tests.bookings.requests import lesson
from tests.bookings.test_booking_races import at_once, student, without_guard
from tests.conftest import Clock, Load
from tests.databases import TestDatabase
from tests.functions import Api
from tests.invariants import broken_invariants
from tests.notifications.mails import SENDER, header_of, read, text_of
from tests.platform.root import Root, made_root
from tests.schools import School, make_school
from tests.workshops.workshop import Workshop, cancel, make_workshop

# Long after whenever this runs; a Monday of the teacher's.
NOW = datetime(2035, 1, 5, 12, 0, tzinfo=UTC)
MONDAY = datetime(2035, 3, 5, 14, 0, tzinfo=UTC)
THIS_MONTH = {"year": 2035, "month": 1}


@pytest.fixture
def warned(school: School, clock: Clock) -> School:
    """A school of five bookings a month."""
    clock(NOW)
    school.change("Tenant", school.id, maxBookingsPerMonth=5)
    return school


def warnings(school: School) -> list[dict[str, Any]]:
    rows = school.database.rows(
        """SELECT payload FROM "OutboxMessage" WHERE topic = 'usage.warning' AND "tenantId" = :t
           ORDER BY id""",
        t=school.id,
    )
    return [row["payload"] for row in rows]


def percents(school: School) -> list[int]:
    return [each["percent"] for each in warnings(school)]


def book(api: Api, school: School, *hours: int) -> None:
    for hour in hours:
        assert api.post("/v1/bookings", lesson(school, MONDAY + timedelta(hours=hour))).status == 201


def add_person(school: School, email: str, role: str, *, locked: bool = False) -> int:
    return int(
        school.database.value(
            """INSERT INTO users (email, name, "tenantId", "tenantRole", locked, uuid)
               VALUES (:email, 'Bao', :t, :role, :locked, gen_random_uuid()) RETURNING id""",
            email=email,
            t=school.id,
            role=role,
            locked=locked,
        )
    )


def test_below_four_fifths_nobody_is_warned(api: Api, warned: School) -> None:
    book(api, warned, 0, 1, 2)
    assert warnings(warned) == []


def test_a_school_without_a_limit_is_never_warned(api: Api, warned: School) -> None:
    warned.change("Tenant", warned.id, maxBookingsPerMonth=None)
    book(api, warned, 0, 1, 2, 3, 4, 5)
    assert warnings(warned) == []


def test_at_four_fifths_and_at_the_end_each_admin_is_warned_once(api: Api, warned: School) -> None:
    other = add_person(warned, "bao@aurora.test", "TENANT_ADMIN")
    add_person(warned, "left@aurora.test", "TENANT_ADMIN", locked=True)
    add_person(warned, "mai@aurora.test", "STUDENT")
    make_school(warned.database, "lotus")
    book(api, warned, 0, 1, 2, 3)
    first = [{"userId": admin, **THIS_MONTH, "percent": 80} for admin in (warned.admin_id, other)]
    assert warnings(warned) == first
    book(api, warned, 4)
    assert warnings(warned) == first + [each | {"percent": 100} for each in first]
    assert api.post("/v1/bookings", lesson(warned, MONDAY + timedelta(hours=5))).status == 403
    assert len(warnings(warned)) == 4
    assert broken_invariants(warned.database) == []


def test_who_leaps_over_both_is_told_of_the_end_alone(api: Api, warned: School) -> None:
    workshop = workshop_of_three(warned)
    warned.change("Tenant", warned.id, maxBookingsPerMonth=3)
    assert api.post("/v1/bookings", workshop.series()).status == 201
    assert percents(warned) == [100]


def test_a_booking_that_opens_the_month_may_fill_it(api: Api, warned: School) -> None:
    warned.change("Tenant", warned.id, maxBookingsPerMonth=1)
    book(api, warned, 0)
    assert percents(warned) == [100]


def test_a_seat_that_is_offered_may_fill_it_too(api: Api, warned: School) -> None:
    workshop = make_workshop(warned)
    workshop.add_session(1, seats=1)
    made = api.post("/v1/bookings", workshop.seat(1)).json
    workshop.wait(api)
    warned.change("Tenant", warned.id, maxBookingsPerMonth=2)
    cancel(api, made)
    assert percents(warned) == [100]


def test_the_next_month_warns_anew(api: Api, warned: School, clock: Clock) -> None:
    book(api, warned, 0, 1, 2, 3)
    clock(NOW + timedelta(days=30))
    book(api, warned, 4, 5, 6, 7)
    assert [(each["month"], each["percent"]) for each in warnings(warned)] == [(1, 80), (2, 80)]


def test_what_is_counted_back_and_again_warns_once(api: Api, warned: School) -> None:
    book(api, warned, 0, 1, 2, 3)
    warned.database.rows('UPDATE "TenantUsage" SET "bookingsCount" = "bookingsCount" - 1')
    warned.database.rows('UPDATE "TenantUsage" SET "bookingsCount" = "bookingsCount" + 1')
    assert percents(warned) == [80]


def test_a_larger_plan_warns_of_what_was_not_yet_warned_of(api: Api, warned: School) -> None:
    book(api, warned, 0, 1, 2, 3)
    warned.change("Tenant", warned.id, maxBookingsPerMonth=7)
    book(api, warned, 4, 5)
    assert percents(warned) == [80]
    book(api, warned, 6)
    assert percents(warned) == [80, 100]


@pytest.fixture
def root(load: Load, database: TestDatabase) -> Iterator[Root]:
    made_root(database)
    function = load("platform_api", OPS_DATABASE_URL=database.ops_url)
    yield Root(Api(function, tenant=None))
    function.close()


def test_a_plan_that_is_lowered_below_what_is_used_warns_at_once(
    root: Root, school: School, database: TestDatabase
) -> None:
    this_month = datetime.now(UTC)
    for moment in (this_month, this_month + timedelta(days=27)):
        database.rows(
            """INSERT INTO "TenantUsage" ("tenantId", year, month, "bookingsCount")
               VALUES (:t, :y, :m, 10) ON CONFLICT DO NOTHING""",
            t=school.id,
            y=moment.year,
            m=moment.month,
        )
    root.patch(school.id, {"limits": {"maxBookingsPerMonth": 12}})
    root.patch(school.id, {"limits": {"maxBookingsPerMonth": 4}})
    root.patch(school.id, {"limits": {"maxBookingsPerMonth": 3}})
    assert percents(school) == [80, 100]


def workshop_of_three(school: School) -> Workshop:
    workshop = make_workshop(school)
    for number in (1, 2, 3):
        workshop.add_session(number, seats=10)
    return workshop


@pytest.fixture
def eight(load: Load, own_database: TestDatabase) -> Iterator[list[Api]]:
    functions = [load("booking_api", DATABASE_URL=own_database.app_url) for _ in range(8)]
    yield [Api(function) for function in functions]
    for function in functions:
        function.close()


def book_eight_at_once(students: list[Api], database: TestDatabase) -> School:
    school = make_school(database, "aurora")
    school.change("Tenant", school.id, maxBookingsPerMonth=8)
    answers = at_once(students, lambda n: lesson(school, MONDAY + timedelta(hours=n), attendee=student(n)))
    assert {answer.status for answer in answers} == {201}
    return school


@pytest.mark.race
def test_of_eight_at_once_each_threshold_warns_once(eight: list[Api], own_database: TestDatabase) -> None:
    assert percents(book_eight_at_once(eight, own_database)) == [80, 100]


def test_without_the_memory_of_what_was_warned_of_it_warns_again(
    eight: list[Api], own_database: TestDatabase
) -> None:
    """The twin: seven of eight are more than four fifths, and eight are all."""
    without_guard(own_database, "warn_of_usage", 'reached > NEW."warnedPercent"', "reached > 0")
    school = book_eight_at_once(eight, own_database)
    school.change("Tenant", school.id, maxBookingsPerMonth=9)
    own_database.rows('UPDATE "TenantUsage" SET "warnedPercent" = 80, "bookingsCount" = "bookingsCount"')
    assert percents(school) == [80, 100, 80]


def mail(school: School, percent: int, user: int | None = None, month: int = 1) -> EmailMessage | None:
    engine = connect_database(school.database.app_url)
    payload = {"userId": user or school.admin_id, "year": 2035, "month": month, "percent": percent}
    made = in_tenant(
        engine,
        of_tenant(school.id),
        lambda c: write_notice(c, school.id, 7, "usage.warning", payload, SENDER),
    )
    engine.dispose()
    return made


def said(school: School, percent: int, language: str) -> tuple[str, str]:
    school.change("users", school.admin_id, locale=language)
    message = mail(school, percent, month=12)
    assert message is not None
    received = read(bytes(message))
    return header_of(received, "Subject"), " ".join(text_of(received).split())


def count(school: School, bookings: int) -> None:
    school.database.rows(
        'INSERT INTO "TenantUsage" ("tenantId", year, month, "bookingsCount") VALUES (:t, 2035, 12, :n)',
        t=school.id,
        n=bookings,
    )
    school.change("Tenant", school.id, maxBookingsPerMonth=200)


def test_who_has_left_is_not_written_to(school: School) -> None:
    count(school, 170)
    school.change("users", school.admin_id, locked=True)
    assert mail(school, 80, month=12) is None


def test_a_month_without_a_count_and_one_that_is_over_are_not_told(school: School) -> None:
    count(school, 170)
    assert mail(school, 80, month=11) is None
    school.database.rows('UPDATE "TenantUsage" SET year = 2025')
    school.database.rows('UPDATE "TenantUsage" SET month = 1')
    assert mail(school, 80) is None


def test_a_plan_that_has_grown_meanwhile_is_nothing_to_warn_of(school: School) -> None:
    count(school, 170)
    school.change("Tenant", school.id, maxBookingsPerMonth=1_000)
    assert mail(school, 80, month=12) is None
    school.change("Tenant", school.id, maxBookingsPerMonth=None)
    assert mail(school, 80, month=12) is None


def test_the_letter_tells_how_much_is_used_and_when_it_counts_anew(school: School) -> None:
    count(school, 170)
    subject, body = said(school, 80, "en")
    assert subject == "170 of 200 bookings of this month are used"
    assert "has taken 170 of the 200 bookings that its plan allows" in body
    assert "anew from Tuesday, 1 January 2036, 00:00 (UTC)" in body
    subject, body = said(school, 80, "vi")
    assert subject == "Đã dùng 170 trong số 200 lượt đặt lịch của tháng này"
    assert "00:00 (UTC), Thứ Ba, 1 tháng 1 năm 2036" in body


def test_the_letter_tells_that_nobody_can_book_any_more(school: School) -> None:
    count(school, 200)
    subject, body = said(school, 100, "en")
    assert subject == "All 200 bookings of this month are used"
    assert "Until Tuesday, 1 January 2036, 00:00 (UTC), students cannot book." in body
    subject, body = said(school, 100, "vi")
    assert subject == "Đã dùng hết 200 lượt đặt lịch của tháng này"
    assert "Học viên chưa thể đặt lịch cho đến 00:00 (UTC), Thứ Ba, 1 tháng 1 năm 2036." in body


def test_whatever_fills_the_month_the_worker_can_tell_of_it() -> None:
    assert "usage.warning" in NOTICES
