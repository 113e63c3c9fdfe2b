"""The checks are able to fail: each takes notice when the one thing it guards is taken away."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from tests.isolation import test_catalogue as catalogue
from tests.isolation.attempts import breaches, sandbox, undone
from tests.isolation.catalogue import APP, TENANT_TABLES, quoted, rows, tenant_column
from tests.isolation.conftest import Filled
from tests.isolation.references import crossings, parents_of

POLICIES = """
    SELECT policyname::text AS name, roles = '{public}' AS isolates FROM pg_policies WHERE tablename = :table
"""
REFERENCES = """
    SELECT conname::text AS name FROM pg_constraint
    WHERE conrelid = to_regclass(:table) AND contype = 'f' AND cardinality(conkey) = 2
"""


def openings(connection: Connection, table: str) -> Iterator[str]:
    """Statements, each of which opens a table to others or closes it to those who work with it."""
    name, setting = quoted(table), "current_setting('app.current_tenant_id', true)"
    yield f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY"
    yield f"CREATE POLICY another ON {name} TO {APP} USING (true)"
    for policy in rows(connection, POLICIES, table=table):
        yield f"DROP POLICY {policy['name']} ON {name}"
        if policy["isolates"]:
            alter = f"ALTER POLICY {policy['name']} ON {name}"
            yield f"{alter} USING (true) WITH CHECK (true)"
            yield f"{alter} USING (true)"
            yield f"{alter} WITH CHECK (true)"
            yield f"{alter} USING ({tenant_column(table)} = {setting}::int)"
            yield f"{alter} USING ({tenant_column(table)}::text = {setting} OR {setting} = '')"


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_a_table_whose_policy_is_lost_is_noticed(filled: Filled, table: str) -> None:
    with sandbox(filled.engine) as connection:
        mutations = list(openings(connection, table))
    assert len(mutations) >= 8
    assert [each for each in mutations if not breach(filled, table, each).startswith(f"{table}: ")] == []


def breach(filled: Filled, table: str, mutation: str) -> str:
    """The first that the mutation makes."""
    with sandbox(filled.engine) as connection:
        connection.exec_driver_sql(mutation)
        return next(breaches(connection, table, filled.aurora, filled.lotus), "")


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_a_reference_that_has_lost_its_tenant_is_noticed(filled: Filled, table: str) -> None:
    with sandbox(filled.engine) as connection:
        parents = parents_of(connection, table)
        for reference in rows(connection, REFERENCES, table=quoted(table)):
            drop = f"ALTER TABLE {quoted(table)} DROP CONSTRAINT {quoted(reference['name'])}"
            with undone(connection):
                connection.exec_driver_sql(drop)
                assert next(crossings(connection, table, parents, filled.aurora, filled.lotus), "") != ""


SELECTS_USERS = "AS $$ SELECT count(*) FROM users $$"
FORGOTTEN = {
    "CREATE TABLE forgotten (id integer)": catalogue.test_every_table_is_a_tenants_or_listed_with_its_reason,
    "CREATE VIEW shown AS SELECT * FROM users": catalogue.test_no_view_shows_what_its_owner_may_see,
    "CREATE MATERIALIZED VIEW shown AS TABLE users": catalogue.test_no_view_shows_what_its_owner_may_see,
    'ALTER TABLE "Attendee" ADD "inviteId" integer': (
        catalogue.test_what_is_named_like_a_reference_is_one_or_listed_with_its_reason
    ),
    'CREATE UNIQUE INDEX one ON "WhitelistEntry" (email)': (
        catalogue.test_a_key_is_one_schools_or_listed_with_its_reason
    ),
    'ALTER TABLE "Attendee" DROP CONSTRAINT "Attendee_bookingId_tenant_fkey"': (
        catalogue.test_references_between_tenants_tables_carry_the_tenant
    ),
    f"CREATE FUNCTION told() RETURNS bigint SECURITY DEFINER LANGUAGE sql {SELECTS_USERS}": (
        catalogue.test_no_function_runs_with_its_owners_rights_but_those_listed
    ),
    "ALTER FUNCTION super_admin_id(text) RESET search_path": (
        catalogue.test_no_function_runs_with_its_owners_rights_but_those_listed
    ),
    f"CREATE FUNCTION told() RETURNS bigint LANGUAGE sql {SELECTS_USERS}": (
        catalogue.test_everybody_may_only_look_into_the_schema
    ),
    "GRANT SELECT (email) ON users TO PUBLIC": catalogue.test_everybody_may_only_look_into_the_schema,
    "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC": (
        catalogue.test_everybody_may_only_look_into_the_schema
    ),
    'ALTER TABLE "Host" OWNER TO booking_app': (
        catalogue.test_the_roles_that_functions_use_own_nothing_and_pass_no_policy_by_right
    ),
    "ALTER ROLE booking_app BYPASSRLS": (
        catalogue.test_the_roles_that_functions_use_own_nothing_and_pass_no_policy_by_right
    ),
    "GRANT pg_read_all_data TO booking_app": (
        catalogue.test_the_roles_that_functions_use_own_nothing_and_pass_no_policy_by_right
    ),
    "GRANT SELECT ON SEQUENCE users_id_seq TO booking_app": (
        catalogue.test_the_app_role_counts_no_other_schools_rows_by_the_sequences
    ),
    'GRANT DELETE ON "Tenant" TO booking_app': (
        catalogue.test_the_app_role_makes_and_ends_no_school_and_writes_nothing_that_all_share
    ),
    'GRANT UPDATE ON "LandingTemplate" TO booking_app': (
        catalogue.test_the_app_role_makes_and_ends_no_school_and_writes_nothing_that_all_share
    ),
}


@pytest.mark.parametrize("mutation", FORGOTTEN)
def test_what_somebody_forgot_is_noticed_in_the_catalogue(connection: Connection, mutation: str) -> None:
    check = FORGOTTEN[mutation]
    check(connection)
    connection.exec_driver_sql(mutation)
    with pytest.raises(AssertionError):
        check(connection)


def test_an_error_that_quotes_a_row_is_noticed(connection: Connection, filled: Filled) -> None:
    """The server keeps silent of rows whose table has policies; without them it does not."""
    connection.exec_driver_sql('ALTER TABLE "WebhookEndpoint" DISABLE ROW LEVEL SECURITY')
    found = list(breaches(connection, "WebhookEndpoint", filled.aurora, filled.lotus))
    assert any("quotes=True" in each for each in found)
