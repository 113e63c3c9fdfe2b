"""For every operation, a school's answers do not depend on what other schools there are."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest

from local.postgres import PostgresServer
from shared.database import connect_database, in_tenant
from shared.openapi.operation import Operation
from shared.openapi.operations import OPERATIONS
from shared.whitelists.import_whitelist import import_whitelist, of_import
from tests.isolation.differences import differences
from tests.isolation.page_recipes import PAGE_RECIPES, PAGES
from tests.isolation.recipes import NOW, RECIPES
from tests.isolation.worlds import Worlds, made_worlds

# What the platform asks is about all schools: tests/isolation/test_platform.py.
OF_SCHOOLS = [
    operation
    for operation in OPERATIONS
    if not operation.of_the_platform and operation.name != "deleteDomain"
]
# Others ask for what these take away, so they have worlds of their own.
TAKING_AWAY = [operation for operation in OPERATIONS if operation.name == "deleteDomain"]
BY_NAME = {operation.name: operation for operation in OPERATIONS}
PAGES_BY_NAME = {page.name: page for page in PAGES}


@pytest.fixture(scope="module")
def worlds(postgres: PostgresServer) -> Iterator[Worlds]:
    with made_worlds(postgres.url) as made:
        yield made


def test_every_operation_has_its_recipe() -> None:
    assert set(RECIPES) == set(BY_NAME)


def test_every_page_has_its_recipe() -> None:
    assert set(PAGE_RECIPES) == set(PAGES_BY_NAME)


@pytest.mark.parametrize("operation", [*OF_SCHOOLS, *PAGES], ids=lambda operation: operation.name)
def test_an_answer_does_not_tell_that_there_is_another_school(worlds: Worlds, operation: Operation) -> None:
    assert list(differences(worlds, operation)) == []


@pytest.mark.parametrize("operation", TAKING_AWAY, ids=lambda operation: operation.name)
def test_what_is_taken_away_is_the_schools_own(postgres: PostgresServer, operation: Operation) -> None:
    with made_worlds(postgres.url) as worlds:
        assert list(differences(worlds, operation)) == []


@pytest.mark.parametrize(
    ("lookup", "operation"),
    [
        ("tenant_id_of_host(label text, domain text)", "listEventTypes"),
        ("tenant_id_of_host(label text, domain text)", "getBooking"),
        ("tenant_id_of_endpoint(endpoint text, vendor text)", "receiveStripeEvent"),
        ("super_admin_id(address text)", "getMe"),
        ("tenant_id_of_host(label text, domain text)", "homePage"),
        ("tenant_id_of_host(label text, domain text)", "bookingPage"),
    ],
)
def test_a_lookup_that_tells_another_school_is_noticed(worlds: Worlds, lookup: str, operation: str) -> None:
    with telling_lotus(worlds, lookup):
        assert list(differences(worlds, {**BY_NAME, **PAGES_BY_NAME}[operation])) != []


def test_an_import_of_addresses_that_another_school_lists_counts_its_own_alone(worlds: Worlds) -> None:
    wanted, content = UUID(worlds.aurora.import_id), b"mai@example.com\nlan@example.com\nnobody\n"
    before, told = worlds.state_of_lotus(), []
    for world in (worlds.alone, worlds.together):
        engine = connect_database(world.database.app_url)
        told.append(
            in_tenant(engine, of_import(wanted), lambda c: import_whitelist(c, wanted, iter([content]), NOW))
        )
        engine.dispose()
    assert told[0] == told[1]
    assert (told[0].read, told[0].added, told[0].already_there, told[0].rejected) == (3, 1, 1, 1)
    assert worlds.state_of_lotus() == before


@contextmanager
def telling_lotus(worlds: Worlds, lookup: str) -> Iterator[None]:
    """Where both schools are, the lookup tells lotus's id whatever it is asked."""
    database, name = worlds.together.database, lookup.partition("(")[0]
    before = database.value("SELECT pg_get_functiondef(to_regproc(:name))", name=name)
    lotus = database.value("""SELECT id FROM "Tenant" WHERE subdomain = 'lotus'""")
    database.rows(f"CREATE OR REPLACE FUNCTION {lookup} RETURNS integer LANGUAGE sql AS 'SELECT {lotus}'")
    try:
        yield
    finally:
        database.rows(before)
