"""Every verb on every table under every tenant setting, with rows of two schools in all of them."""

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from tests.isolation.attempts import acting_as, breaches
from tests.isolation.catalogue import APP, TENANT_TABLES, quoted
from tests.isolation.conftest import Filled
from tests.isolation.references import crossings, parents_of


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_nobody_reaches_another_schools_rows_and_everybody_their_own(
    connection: Connection, filled: Filled, table: str
) -> None:
    assert list(breaches(connection, table, filled.aurora, filled.lotus)) == []


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_no_row_points_at_another_schools(connection: Connection, filled: Filled, table: str) -> None:
    parents = parents_of(connection, table)
    assert list(crossings(connection, table, parents, filled.aurora, filled.lotus)) == []


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_the_policies_cannot_be_switched_off(connection: Connection, filled: Filled, table: str) -> None:
    with acting_as(connection, APP, str(filled.aurora)):
        connection.exec_driver_sql("SET LOCAL row_security = off")
        with pytest.raises(DBAPIError, match="would be affected by row-level security policy"):
            connection.exec_driver_sql(f"SELECT FROM {quoted(table)}")


@pytest.mark.parametrize("role", ["booking_ops", "pg_read_all_data", "pg_database_owner", "postgres"])
def test_the_app_role_becomes_nobody_else(connection: Connection, role: str) -> None:
    with acting_as(connection, APP), pytest.raises(DBAPIError, match="permission denied to set role"):
        connection.exec_driver_sql(f"SET ROLE {role}")
