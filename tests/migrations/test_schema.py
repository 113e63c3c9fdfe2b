"""The schema as the design names it, on an empty database."""

import pytest

from local.postgres import PostgresServer
from migrations.check import check
from tests.databases import TestDatabase, with_database


def test_the_revisions_and_the_models_agree_up_down_and_up_again(postgres: PostgresServer) -> None:
    empty = with_database(postgres.url, "template1")
    from tests.databases import _execute

    _execute(postgres.url, "CREATE DATABASE fresh")
    check(with_database(empty, "fresh"))


INDEXES = [
    "idx_booking_tenant_status",
    "idx_eventtype_tenant_workshop",
    "idx_user_tenant_role",
    "idx_synclog_tenant_status",
    "idx_whitelist_event_email",
    "idx_payment_tenant_booking",
    "Tenant_subdomain_key",
    "Tenant_customDomain_key",
    "TenantUsage_tenantId_year_month_key",
    "TeacherCourseAssignment_eventTypeId_teacherId_key",
    "WhitelistEntry_eventTypeId_email_key",
]


@pytest.mark.parametrize("name", INDEXES)
def test_every_index_of_the_design_is_there(database: TestDatabase, name: str) -> None:
    assert database.value("SELECT count(*) FROM pg_indexes WHERE indexname = :name", name=name) == 1


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("Booking", "booking_tenant_required"),
        ("WhitelistEntry", "valid_email_format"),
        ("EventType", "positive_refund_window"),
    ],
)
def test_every_constraint_of_the_design_is_there(database: TestDatabase, table: str, name: str) -> None:
    found = database.value(
        "SELECT count(*) FROM pg_constraint WHERE conname = :name AND conrelid = to_regclass(:table)"
        " AND convalidated",
        name=name,
        table=f'"{table}"',
    )
    assert found == 1


def test_the_default_tenant_is_on_the_plan_pro(database: TestDatabase) -> None:
    (tenant,) = database.rows('SELECT name, "subscriptionPlan" FROM "Tenant" WHERE subdomain = \'default\'')
    assert tenant == {"name": "Default Tenant", "subscriptionPlan": "PRO"}


def test_there_are_five_landing_templates(database: TestDatabase) -> None:
    names = [row["name"] for row in database.rows('SELECT name FROM "LandingTemplate" ORDER BY id')]
    assert len(names) == 5
    assert names[:2] == ["Education Center", "Personal Tutor"]


def test_a_tenant_has_the_defaults_of_the_design(database: TestDatabase) -> None:
    (made,) = database.rows(
        """INSERT INTO "Tenant" (name, subdomain) VALUES ('New', 'new')
           RETURNING "subscriptionPlan", "subscriptionStatus", "maxTeachers", "maxBookingsPerMonth\""""
    )
    assert made == {
        "subscriptionPlan": "LITE",
        "subscriptionStatus": "ACTIVE",
        "maxTeachers": 1,
        "maxBookingsPerMonth": None,
    }
