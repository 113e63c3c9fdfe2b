"""A live Cal.com database, adopted: nothing lost, nothing rewritten, everything in one school."""

import re
from decimal import Decimal
from typing import Any

import pytest

from local.postgres import PostgresServer
from migrations.plan import plan
from migrations.run import migrate, upgrade
from migrations.tenancy import PARENTS
from tests.adoption.calcom import contents, dump
from tests.databases import TestDatabase


def test_not_a_row_is_lost_or_changed(calcom: TestDatabase, adopted: TestDatabase) -> None:
    assert contents(adopted) == contents(calcom)


def test_no_trigger_of_calcoms_fires_for_a_booking(calcom: TestDatabase) -> None:
    """A copy that is wrong stays wrong: nobody touched it."""
    calcom.rows("""UPDATE "BookingDenormalized" SET title = 'as it was'""")
    upgrade(calcom.owner_url)
    assert calcom.value("""SELECT count(*) FROM "BookingDenormalized" WHERE title <> 'as it was'""") == 0


def test_no_page_of_the_bookings_is_written(calcom: TestDatabase) -> None:
    before = calcom.value("""SELECT sum(xmin::text::bigint) FROM "Booking" """)
    upgrade(calcom.owner_url)
    assert calcom.value("""SELECT sum(xmin::text::bigint) FROM "Booking" """) == before


@pytest.mark.parametrize("table", [*PARENTS, "BookingDenormalized", "RoutingFormResponseDenormalized"])
def test_every_row_is_in_the_school_default_on_the_plan_pro(adopted: TestDatabase, table: str) -> None:
    found = adopted.rows(
        f"""SELECT t.subdomain, t."subscriptionPlan" AS plan, count(*) > 0 AS some FROM "{table}" x
            LEFT JOIN "Tenant" t ON t.id = x."tenantId" GROUP BY 1, 2"""
    )
    assert found == [{"subdomain": "default", "plan": "PRO", "some": True}]


def test_accounts_are_teachers_and_calcoms_administrator_is_the_schools(adopted: TestDatabase) -> None:
    found = adopted.rows('SELECT id, "tenantRole" FROM users ORDER BY id')
    assert [row["tenantRole"] for row in found] == ["TENANT_ADMIN", *["TEACHER"] * 5]


LESSON: dict[str, Any] = {
    "seatLimit": None, "isWorkshop": False, "workshopRecurrence": None, "workshopPrice": None,
    "workshopCurrency": "USD", "isPublished": True,
}  # fmt: skip
WEEKLY = {"frequency": "WEEKLY", "interval": 1, "count": 12}
TWINS: dict[str, dict[str, Any]] = {
    "lesson": {},
    "team": {},
    "paid": {"workshopPrice": Decimal("15.00"), "workshopCurrency": "EUR"},
    "hidden": {"isPublished": False},
    "seats": {"seatLimit": 8, "isWorkshop": True, "workshopRecurrence": WEEKLY},
    "yen": {"workshopPrice": Decimal("500.00"), "workshopCurrency": "JPY"},
    "switched-off": {},
    "no-currency": {"isPublished": False},
    "too-dear": {"workshopCurrency": "VND", "isPublished": False},
    "negative": {},
}


@pytest.mark.parametrize("slug", TWINS)
def test_an_event_type_says_in_our_columns_what_it_says_in_calcoms(adopted: TestDatabase, slug: str) -> None:
    columns = ", ".join(f'"{column}"' for column in LESSON)
    found = adopted.rows(f'SELECT DISTINCT {columns} FROM "EventType" WHERE slug = :slug', slug=slug)
    assert found == [LESSON | TWINS[slug]]


def test_who_hosts_an_event_type_teaches_it(adopted: TestDatabase) -> None:
    found = adopted.rows(
        """SELECT a."teacherId" FROM "TeacherCourseAssignment" a JOIN "EventType" e ON e.id = a."eventTypeId"
           WHERE e.slug = 'team' ORDER BY 1"""
    )
    assert [row["teacherId"] for row in found] == [1, 2, 3]
    assert (
        adopted.value(
            """SELECT count(*) FROM "EventType" e WHERE NOT EXISTS (
               SELECT FROM "TeacherCourseAssignment" a WHERE a."eventTypeId" = e.id)"""
        )
        == 0
    )


def test_of_bookings_that_overlap_the_oldest_keeps_its_place_and_the_others_are_listed(
    adopted: TestDatabase,
) -> None:
    listed = adopted.rows(
        """SELECT b.uid, o.uid AS taken_by FROM "OccupancyConflict" c
           JOIN "Booking" b ON b.id = c."bookingId" JOIN "Booking" o ON o.id = c."conflictsWithId"
           ORDER BY b.id"""
    )
    assert listed == [{"uid": "second", "taken_by": "first"}, {"uid": "third", "taken_by": "first"}]


def test_every_other_accepted_booking_to_come_has_its_place_and_no_other_has(adopted: TestDatabase) -> None:
    wrong = adopted.rows(
        """SELECT b.uid FROM "Booking" b LEFT JOIN "TeacherOccupancy" o ON o."bookingId" = b.id
           WHERE (o.id IS NOT NULL) <> (b.status = 'accepted' AND b."userId" IS NOT NULL
               AND b."endTime" > now() AT TIME ZONE 'UTC' AND b.uid NOT IN ('second', 'third'))
             AND NOT (b.status = 'pending' AND b."endTime" > now() AT TIME ZONE 'UTC')"""
    )
    assert wrong == []


def test_a_request_holds_its_time_where_the_event_type_says_so(adopted: TestDatabase) -> None:
    found = adopted.rows(
        """SELECT e.slug = 'asked' AS asked, bool_and(o.id IS NOT NULL) AS holds FROM "Booking" b
           LEFT JOIN "EventType" e ON e.id = b."eventTypeId"
           LEFT JOIN "TeacherOccupancy" o ON o."bookingId" = b.id
           WHERE b.status = 'pending' AND b."endTime" > now() AT TIME ZONE 'UTC' GROUP BY 1 ORDER BY 1"""
    )
    assert {row["asked"]: row["holds"] for row in found}.get(True, True)
    assert not any(row["holds"] for row in found if not row["asked"])


def test_a_second_run_changes_nothing(adopted: TestDatabase, calcom_server: PostgresServer) -> None:
    before = dump(calcom_server, adopted.owner_url)
    assert migrate(adopted.owner_url).startswith("Nothing to do: ")
    assert dump(calcom_server, adopted.owner_url) == before


def test_the_plan_says_it_beforehand_and_changes_nothing(
    calcom: TestDatabase, calcom_server: PostgresServer
) -> None:
    before = dump(calcom_server, calcom.owner_url)
    told = plan(calcom.owner_url)
    assert re.search(r"^Booking: extended in place, (about )?607 rows$", told, re.MULTILINE)
    assert "Accounts: 5 become teachers, 1 administrators" in told
    assert "overlap an earlier one of their host: 2\n  1 (first) of user 2, " in told
    assert "OccupancyConflict" in told
    assert dump(calcom_server, calcom.owner_url) == before


def test_the_plan_for_an_empty_database_makes_all_and_for_a_migrated_one_nothing(
    empty: TestDatabase, adopted: TestDatabase
) -> None:
    assert "Booking: will be made as Cal.com has it" in plan(empty.owner_url)
    assert "Nothing to do." in plan(adopted.owner_url)


def test_the_run_says_how_many_bookings_the_school_has_to_settle(calcom: TestDatabase) -> None:
    assert "\n2 bookings to come overlap another of their host" in migrate(calcom.owner_url)
