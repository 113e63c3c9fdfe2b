"""Whatever ended the transaction before, the next one on the same connection sees no school's rows."""

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from sqlalchemy import Connection, Engine, text

from shared.database import connect_database, in_platform, in_tenant
from shared.tenant_scope import of_tenant
from tests.database.test_database import (
    poison_with_a_surrogate,
    poison_with_an_exception_while_reading,
    poison_with_an_undecodable_answer,
)
from tests.isolation.catalogue import TENANT_TABLES, quoted, tenant_column
from tests.isolation.conftest import Filled

EACH = " UNION ALL ".join(
    f"SELECT {tenant_column(table)} AS school FROM {quoted(table)}" for table in TENANT_TABLES
)
SCHOOLS = text(f"SELECT DISTINCT school FROM ({EACH}) each_table")


@pytest.fixture
def engine(filled: Filled) -> Iterator[Engine]:
    made = connect_database(filled.database.app_url)
    yield made
    made.dispose()


def schools(connection: Connection) -> list[int]:
    """Of which schools any row is seen."""
    return list(connection.execute(SCHOOLS).scalars())


def succeed(connection: Connection) -> None:
    schools(connection)


def ask_nothing(connection: Connection) -> None:
    """The tenant was to be set with the first statement, which never came."""


def give_up(connection: Connection) -> None:
    schools(connection)
    raise LookupError


def be_refused(connection: Connection) -> None:
    schools(connection)
    connection.execute(text("SELECT 1/0"))


def roll_back(connection: Connection) -> None:
    schools(connection)
    connection.rollback()


def lose_the_connection(connection: Connection) -> None:
    connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


@pytest.mark.parametrize(
    "work",
    [
        succeed,
        ask_nothing,
        give_up,
        be_refused,
        roll_back,
        lose_the_connection,
        poison_with_a_surrogate,
        poison_with_an_undecodable_answer,
        poison_with_an_exception_while_reading,
    ],
)
def test_the_next_transaction_sees_nothing_and_the_next_school_its_own(
    engine: Engine, filled: Filled, work: Callable[[Connection], None]
) -> None:
    with suppress(Exception, KeyboardInterrupt):
        in_tenant(engine, of_tenant(filled.aurora), work)
    with engine.connect() as connection:
        assert schools(connection) == []
    assert in_platform(engine, schools) == []
    assert in_tenant(engine, of_tenant(filled.lotus), schools) == [filled.lotus]
