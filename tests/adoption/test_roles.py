"""A migrator that is no superuser, on a server that only the bootstrap has prepared."""

from collections.abc import Iterator

import pytest
from sqlalchemy.exc import DBAPIError

from local.postgres import PostgresServer, temporary_postgres_server
from migrations.errors import MigrationRefused
from migrations.run import downgrade, upgrade
from shared.sqlstates import sqlstate
from tests.adoption.calcom import build, engine, execute
from tests.adoption.lookalike import TABLES
from tests.databases import PASSWORD, with_database
from tests.functions import ROOT

BOOTSTRAP = (ROOT / "migrations" / "bootstrap.sql").read_text()
ROLES = ("booking_migrator", "booking_app", "booking_ops", "booking_backup", "booking_restore")
NOT_ALLOWED = "42501"


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    with engine(url).connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """Where no role of ours is yet, but one as RDS has it."""
    with temporary_postgres_server() as made:
        execute(made.url, f"CREATE ROLE calcom LOGIN PASSWORD '{PASSWORD}'", "CREATE ROLE rds_iam")
        yield made


@pytest.fixture(scope="module")
def live(server: PostgresServer) -> str:
    """The address of a Cal.com that owns its tables, as the server's master."""
    execute(server.url, "CREATE DATABASE live OWNER calcom")
    with engine(with_database(server.url, "live", "calcom")).connect() as connection:
        build(connection)
    return with_database(server.url, "live")


def prepare(url: str) -> None:
    """What an operator does; twice, because it can be run again."""
    execute(url, BOOTSTRAP, BOOTSTRAP, *(f"ALTER ROLE {role} PASSWORD '{PASSWORD}'" for role in ROLES))


def as_role(url: str, role: str) -> str:
    return with_database(url, url.rsplit("/", 1)[1], role)


@pytest.fixture(scope="module")
def adopted(live: str) -> str:
    """Cal.com's database, bootstrapped by the master and adopted by the migrator."""
    prepare(live)
    upgrade(as_role(live, "booking_migrator"))
    return live


def test_calcoms_own_role_is_told_what_it_lacks(live: str) -> None:
    with pytest.raises(MigrationRefused) as refused:
        upgrade(as_role(live, "calcom"))
    for role in ("booking_app", "booking_ops", "booking_backup", "booking_restore"):
        assert f"The role {role} is missing, and calcom may not make it; run migrations/bootstrap.sql" in str(
            refused.value
        )


def test_a_migrator_migrates_an_empty_database_that_it_owns(server: PostgresServer, adopted: str) -> None:
    execute(server.url, "CREATE DATABASE own OWNER booking_migrator")
    url = with_database(server.url, "own")
    prepare(url)
    upgrade(as_role(url, "booking_migrator"))
    assert query(as_role(url, "booking_app"), 'SELECT count(*) FROM "Booking"') == [(0,)]
    downgrade(as_role(url, "booking_migrator"), "base")
    upgrade(as_role(url, "booking_migrator"))


def test_the_migrator_has_the_owners_rights_and_cannot_become_the_owner(adopted: str) -> None:
    with pytest.raises(DBAPIError) as refused:
        execute(as_role(adopted, "booking_migrator"), "SET ROLE calcom")
    assert sqlstate(refused.value) == NOT_ALLOWED


def test_nothing_of_calcoms_has_changed_hands(adopted: str) -> None:
    tables = ", ".join(f"'{table}'" for table in TABLES)
    owners = query(
        adopted, f"SELECT DISTINCT relowner::regrole::text FROM pg_class WHERE relname IN ({tables})"
    )
    assert owners == [("calcom",)]


def test_calcom_goes_on_without_a_right_to_what_is_ours(adopted: str) -> None:
    url = as_role(adopted, "calcom")
    execute(
        url,
        "INSERT INTO users (email, uuid) VALUES ('new@school.example', gen_random_uuid())",
        """INSERT INTO "EventType" (title, slug, length, "userId") VALUES ('New', 'new', 30, 2)""",
        """INSERT INTO "Booking" (uid, "userId", title, "startTime", "endTime")
           VALUES ('new', 2, 'New', '2040-01-01 09:00', '2040-01-01 10:00')""",
    )
    with pytest.raises(DBAPIError, match="occupancy_one_place_at_a_time"):
        execute(
            url,
            """INSERT INTO "Booking" (uid, "userId", title, "startTime", "endTime")
               VALUES ('again', 2, 'New', '2040-01-01 09:30', '2040-01-01 10:00')""",
        )
    execute(url, """UPDATE "Booking" SET status = 'cancelled' WHERE uid IN ('new', 'first')""")
    assert query(adopted, 'SELECT count(*) FROM "OccupancyConflict"') == [(0,)]
    assert query(url, """SELECT "tenantId" FROM "BookingDenormalized" WHERE uid = 'new'""") == [(1,)]
    with pytest.raises(DBAPIError) as refused:
        query(url, 'SELECT * FROM "Tenant"')
    assert sqlstate(refused.value) == NOT_ALLOWED


@pytest.mark.parametrize("table", ["Booking", "Tenant", "BookingDenormalized", "OutboxMessage"])
def test_the_backup_role_reads_every_school_and_writes_none(adopted: str, table: str) -> None:
    url = as_role(adopted, "booking_backup")
    assert query(url, f'SELECT count(*) FROM "{table}"') == query(adopted, f'SELECT count(*) FROM "{table}"')
    column = "id" if table == "Tenant" else '"tenantId"'
    for statement in (f'DELETE FROM "{table}"', f'UPDATE "{table}" SET {column} = 1'):
        with pytest.raises(DBAPIError) as refused:
            execute(url, "SET default_transaction_read_only = off", statement)
        assert sqlstate(refused.value) == NOT_ALLOWED


def test_the_app_role_reads_nothing_of_calcoms_that_it_has_no_business_with(adopted: str) -> None:
    granted = query(
        adopted,
        """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
           AND NOT relrowsecurity AND has_table_privilege('booking_app', oid, 'SELECT') ORDER BY 1""",
    )
    assert granted == [("LandingTemplate",)]


@pytest.mark.parametrize("role", ROLES)
def test_the_roles_have_no_power_over_the_server(adopted: str, role: str) -> None:
    powers = "rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"
    assert query(adopted, f"SELECT {powers} FROM pg_roles WHERE rolname = '{role}'") == [(False,) * 5]
