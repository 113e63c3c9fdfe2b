"""The functions that look past the policies tell each school's id for its own names and for nothing else."""

import pytest
from sqlalchemy import Connection

from tests.isolation.attempts import acting_as
from tests.isolation.catalogue import APP, rows
from tests.isolation.conftest import Filled

# For each function, the rows it tells wrongly: whose names give another id than theirs.
WRONG = {
    "tenant_id_of_host": """
        SELECT FROM "Tenant" t WHERE tenant_id_of_host(subdomain, NULL) IS DISTINCT FROM id
           OR "customDomain" IS NOT NULL AND tenant_id_of_host(NULL, "customDomain") IS DISTINCT FROM id
        UNION ALL
        SELECT WHERE coalesce(tenant_id_of_host('nowhere', NULL), tenant_id_of_host(NULL, 'nowhere'),
                              tenant_id_of_host(NULL, NULL), tenant_id_of_host('', '')) IS NOT NULL
    """,
    "tenant_id_of_endpoint": """
        SELECT FROM "WebhookEndpoint" w WHERE tenant_id_of_endpoint(id, provider) IS DISTINCT FROM "tenantId"
           OR tenant_id_of_endpoint(id, 'IMMERSIO') IS NOT NULL
        UNION ALL
        SELECT WHERE coalesce(tenant_id_of_endpoint('nowhere', 'STRIPE'),
                              tenant_id_of_endpoint('', 'STRIPE')) IS NOT NULL
    """,
    "tenant_id_of_import": """
        SELECT FROM "WhitelistImport" WHERE tenant_id_of_import(id) IS DISTINCT FROM "tenantId"
        UNION ALL
        SELECT WHERE tenant_id_of_import(gen_random_uuid()) IS NOT NULL
    """,
    "super_admin_id": """
        SELECT FROM users WHERE super_admin_id(email) IS NOT NULL
        UNION ALL
        SELECT WHERE coalesce(super_admin_id('nobody@example.test'), super_admin_id('')) IS NOT NULL
    """,
}
# A temporary table in the way of each, a row of it, and what the lookup is asked.
NOWHERE = "'00000000-0000-4000-8000-000000000000'"
FORGED = {
    "tenant_id_of_host": (
        '"Tenant"(id int, subdomain text, "customDomain" text)',
        "7, 'forged', 'forged'",
        "'forged', 'forged'",
    ),
    "tenant_id_of_endpoint": (
        '"WebhookEndpoint"(id text, provider text, "tenantId" int)',
        "'forged', 'STRIPE', 7",
        "'forged', 'STRIPE'",
    ),
    "tenant_id_of_import": ('"WhitelistImport"(id uuid, "tenantId" int)', f"{NOWHERE}, 7", NOWHERE),
    "super_admin_id": (
        'users(id int, email text, "tenantId" int, "tenantRole" text, locked boolean)',
        "7, 'forged', 1, 'SUPER_ADMIN', false",
        "'forged'",
    ),
}
ALLOWED = """
    SELECT p.proname::text AS name, pg_get_function_arguments(p.oid) AS arguments FROM pg_proc p
    WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace
      AND has_function_privilege(:role, p.oid, 'EXECUTE')
"""


def is_wrong(connection: Connection, name: str) -> bool:
    return bool(connection.exec_driver_sql(f"SELECT EXISTS ({WRONG[name]})").scalar_one())


def test_every_lookup_that_the_app_role_may_use_is_checked(connection: Connection) -> None:
    assert {row["name"] for row in rows(connection, ALLOWED, role=APP)} == set(WRONG)


@pytest.mark.parametrize("name", WRONG)
def test_a_lookup_tells_whose_a_name_is_and_nobody_for_none(connection: Connection, name: str) -> None:
    assert not is_wrong(connection, name)


@pytest.mark.parametrize("school", ["aurora", "lotus"])
@pytest.mark.parametrize("name", WRONG)
def test_a_lookup_that_tells_another_school_is_noticed(
    connection: Connection, filled: Filled, name: str, school: str
) -> None:
    (lookup,) = [row for row in rows(connection, ALLOWED, role=APP) if row["name"] == name]
    connection.exec_driver_sql(
        f"CREATE OR REPLACE FUNCTION {name}({lookup['arguments']}) RETURNS integer "
        f"LANGUAGE sql AS 'SELECT {getattr(filled, school)}'"
    )
    assert is_wrong(connection, name)


@pytest.mark.parametrize("name", WRONG)
def test_a_table_that_somebody_made_for_a_session_fools_no_lookup(connection: Connection, name: str) -> None:
    columns, values, question = FORGED[name]
    table = columns.partition("(")[0]
    with acting_as(connection, APP):
        connection.exec_driver_sql(f"CREATE TEMPORARY TABLE {columns}")
        connection.exec_driver_sql(f"INSERT INTO {table} VALUES ({values})")
        assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 1
        assert connection.exec_driver_sql(f"SELECT {name}({question})").scalar_one() is None


@pytest.mark.parametrize("role", ["STUDENT", "TEACHER", "TENANT_ADMIN"])
def test_only_the_platforms_own_school_has_super_admins(connection: Connection, role: str) -> None:
    connection.exec_driver_sql("UPDATE users SET \"tenantRole\" = 'SUPER_ADMIN'")
    assert not is_wrong(connection, "super_admin_id")
    connection.exec_driver_sql(
        f"""INSERT INTO users (email, "tenantId", "tenantRole", uuid)
            SELECT 'somebody@example.test', id, '{role}', gen_random_uuid()
            FROM "Tenant" WHERE subdomain = 'default'"""
    )
    assert not is_wrong(connection, "super_admin_id")
