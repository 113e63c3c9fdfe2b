"""An empty database and an adopted one end with the same schema, but for what is Cal.com's own."""

import re

import pytest

from migrations import facts as known
from migrations.errors import MigrationRefused
from migrations.run import downgrade, upgrade
from tests.adoption.calcom import contents
from tests.adoption.catalogue import QUERIES, catalogue
from tests.adoption.lookalike import TABLES, facts
from tests.databases import TestDatabase
from tests.schools import make_school

OURS_OF_THEIRS = set(known.TABLES)
# What Cal.com has and an empty database does not get: the rest of its tables, its triggers.
THEIRS = [table for table in TABLES if table not in OURS_OF_THEIRS]


@pytest.mark.parametrize("name", ["columns", "constraints", "indexes"])
def test_what_the_migrations_know_of_calcom_are_its_facts(name: str) -> None:
    told = {tuple(row.items()) for row in facts(name)}
    assert {tuple(row.items()) for row in getattr(known, name)()} <= told


def test_the_migrations_know_every_column_of_the_tables_they_extend() -> None:
    told = [tuple(row.items()) for row in facts("columns") if row["table_name"] in OURS_OF_THEIRS]
    assert sorted(tuple(row.items()) for row in known.columns()) == sorted(told)


@pytest.mark.parametrize("kind", QUERIES)
def test_an_adopted_database_has_all_that_an_empty_one_gets(
    adopted: TestDatabase, database: TestDatabase, kind: str
) -> None:
    assert catalogue(database)[kind] - catalogue(adopted)[kind] == set()


@pytest.mark.parametrize("kind", QUERIES)
def test_an_adopted_database_has_nothing_more_than_an_empty_one_but_what_calcom_had(
    adopted: TestDatabase, calcom: TestDatabase, database: TestDatabase, kind: str
) -> None:
    more = catalogue(adopted)[kind] - catalogue(database)[kind] - catalogue(calcom)[kind]
    copies = re.compile("BookingDenormalized|RoutingFormResponseDenormalized", re.IGNORECASE)
    assert {each for each in more if not copies.search(each)} == set()


def test_the_copies_that_calcom_keeps_of_bookings_are_isolated_like_the_bookings(
    adopted: TestDatabase,
) -> None:
    for table in ("BookingDenormalized", "RoutingFormResponseDenormalized"):
        found = adopted.rows("SELECT policyname FROM pg_policies WHERE tablename = :t ORDER BY 1", t=table)
        assert [row["policyname"].removesuffix(table.lower()) for row in found] == [
            "backup_access_",
            "platform_access_",
            "tenant_isolation_",
        ]
        assert adopted.value(
            "SELECT relrowsecurity FROM pg_class WHERE oid = to_regclass(:t)", t=f'"{table}"'
        )


def test_there_is_no_way_back_once_an_address_has_accounts_at_two_schools(adopted: TestDatabase) -> None:
    for subdomain in ("aurora", "lotus"):
        adopted.rows(
            """INSERT INTO users (email, "tenantId", "tenantRole", uuid)
               VALUES ('mai@example.com', :t, 'STUDENT', gen_random_uuid())""",
            t=make_school(adopted, subdomain).id,
        )
    before = catalogue(adopted)
    with pytest.raises(MigrationRefused, match=r"mai@example\.com has accounts at 2 schools"):
        downgrade(adopted.owner_url, "base")
    assert catalogue(adopted) == before


def test_going_back_leaves_calcom_as_it_was_and_going_on_adopts_it_again(
    calcom: TestDatabase, adopted: TestDatabase
) -> None:
    schema, rows = catalogue(calcom), contents(calcom)
    upgraded = catalogue(adopted)
    downgrade(adopted.owner_url, "base")
    assert catalogue(adopted) == schema
    assert contents(adopted) == rows
    upgrade(adopted.owner_url)
    assert catalogue(adopted) == upgraded
    assert contents(adopted) == rows
