"""What keeps the schools apart, read from the catalogue, so that a new table cannot be forgotten."""

from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from shared.database import connect_database, in_tenant, of_tenant
from shared.models import Base
from tests.databases import TestDatabase
from tests.schools import make_school

# Every school shares these; whoever adds one says why.
PLATFORM_TABLES = {
    "LandingTemplate": "designs that come with the product",
    "alembic_version": "the revision of the schema",
}
DEFINERS = {
    "keep_occupancy": "Cal.com's role has no business in the occupancy",
    "tenant_id_of_host": "asked before the tenant is known",
    "tenant_id_of_endpoint": "asked before the tenant is known",
    "tenant_id_of_import": "asked before the tenant is known",
    "super_admin_id": "a super admin lives in another school than the one that is administered",
}
CURRENT = "(NULLIF(current_setting('app.current_tenant_id'::text, true), ''::text))::integer"
TENANT_TABLES = sorted(set(Base.metadata.tables) - set(PLATFORM_TABLES))


@pytest.fixture
def engine(database: TestDatabase) -> Iterator[Engine]:
    made = connect_database(database.app_url)
    yield made
    made.dispose()


def test_every_table_is_a_tenants_or_listed_with_its_reason(database: TestDatabase) -> None:
    tables = database.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    assert {row["tablename"] for row in tables} == {*TENANT_TABLES, *PLATFORM_TABLES}


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_a_tenants_table_requires_the_tenant_and_shows_only_its_rows(
    database: TestDatabase, table: str
) -> None:
    column = "id" if table == "Tenant" else "tenantId"
    (found,) = database.rows(
        """SELECT c.relrowsecurity AS secured, a.attnotnull AS required
           FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = :column
           WHERE c.oid = to_regclass(:table)""",
        table=f'"{table}"',
        column=column,
    )
    assert found == {"secured": True, "required": True}
    policies = database.rows(
        """SELECT policyname, roles::text AS roles, cmd, qual, with_check
           FROM pg_policies WHERE tablename = :t""",
        t=table,
    )
    ours = {row.pop("policyname"): row for row in policies}
    quoted = column if column == "id" else f'"{column}"'
    assert ours == {
        f"tenant_isolation_{table.lower()}": {
            "roles": "{public}",
            "cmd": "ALL",
            "qual": f"({quoted} = {CURRENT})",
            "with_check": f"({quoted} = {CURRENT})",
        },
        f"platform_access_{table.lower()}": {
            "roles": "{booking_ops}",
            "cmd": "ALL",
            "qual": "true",
            "with_check": "true",
        },
    }


def test_references_between_tenants_tables_carry_the_tenant(database: TestDatabase) -> None:
    """Beside each reference of Cal.com's, by the id alone, stands one that names the tenant too."""
    references = database.rows(
        """SELECT conrelid::regclass::text AS child, confrelid::regclass::text AS parent,
                  (SELECT array_agg(attname::text ORDER BY attname) FROM pg_attribute
                   WHERE attrelid = conrelid AND attnum = ANY (conkey)) AS columns
           FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace"""
    )
    carried = {
        (row["child"], row["parent"], next(c for c in row["columns"] if c != "tenantId"))
        for row in references
        if len(row["columns"]) == 2
    }
    bare = {
        (row["child"], row["parent"], row["columns"][0])
        for row in references
        if len(row["columns"]) == 1 and row["columns"] != ["tenantId"]
    }
    platform = {f'"{table}"' for table in PLATFORM_TABLES}
    assert {each for each in bare if each[1] not in platform} <= carried


def test_no_function_runs_with_its_owners_rights_but_those_listed(database: TestDatabase) -> None:
    found = database.rows(
        """SELECT proname, proconfig FROM pg_proc
           WHERE prosecdef AND pronamespace = 'public'::regnamespace"""
    )
    unlisted = {row["proname"] for row in found if not row["proname"].startswith("fill_tenant_of_")}
    assert unlisted == set(DEFINERS)
    assert all(any("search_path" in each for each in row["proconfig"]) for row in found)


def test_the_roles_that_functions_use_own_nothing_and_pass_no_policy_by_right(database: TestDatabase) -> None:
    found = database.rows(
        """SELECT rolname, rolsuper, rolbypassrls,
                  (SELECT count(*) FROM pg_class WHERE relowner = r.oid) AS owned
           FROM pg_roles r WHERE rolname IN ('booking_app', 'booking_ops')"""
    )
    assert len(found) == 2
    assert not any(row["rolsuper"] or row["rolbypassrls"] or row["owned"] for row in found)


def test_the_app_role_makes_and_ends_no_school(engine: Engine, database: TestDatabase) -> None:
    school = make_school(database, "aurora")
    make = text("INSERT INTO \"Tenant\" (name, subdomain) VALUES ('x', 'x')")
    end = text('DELETE FROM "Tenant"')
    with pytest.raises(DBAPIError):
        in_tenant(engine, of_tenant(school.id), lambda c: c.execute(make))
    with pytest.raises(DBAPIError):
        in_tenant(engine, of_tenant(school.id), lambda c: c.execute(end))


@pytest.mark.parametrize("setting", ["", "0", "-1", "2147483647"])
@pytest.mark.parametrize("table", TENANT_TABLES)
def test_under_a_tenant_that_is_none_nothing_is_seen(
    engine: Engine, database: TestDatabase, table: str, setting: str
) -> None:
    make_school(database, "aurora")
    opening = ("SELECT set_config('app.current_tenant_id', $1, true)", (setting,))
    count = text(f'SELECT count(*) FROM "{table}"')
    assert in_tenant(engine, opening, lambda c: c.execute(count).scalar()) == 0


@pytest.mark.parametrize("table", [table for table in TENANT_TABLES if table != "Tenant"])
def test_a_school_cannot_move_its_rows_to_another(engine: Engine, database: TestDatabase, table: str) -> None:
    """By the policy where there is a row to move, by the same policy's absence of rows elsewhere."""
    aurora, lotus = make_school(database, "aurora"), make_school(database, "lotus")
    move = text(f'UPDATE "{table}" SET "tenantId" = :other')
    count = f'SELECT count(*) FROM "{table}" WHERE "tenantId" = :t'
    there = database.value(count, t=lotus.id)
    has_rows = database.value(count, t=aurora.id) > 0
    refused = pytest.raises(DBAPIError, match="row-level security") if has_rows else nullcontext()
    with refused:
        in_tenant(engine, of_tenant(aurora.id), lambda c: c.execute(move, {"other": lotus.id}))
    assert database.value(count, t=lotus.id) == there
