from collections.abc import Iterator

import pytest

from tests.backups.files import Vaulted, vaulted
from tests.clients.kms import kms_key
from tests.databases import TestDatabase
from tests.isolation.fill_school import fill_school


@pytest.fixture
def key_id(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with kms_key(monkeypatch) as made:
        yield made


@pytest.fixture
def vault(database: TestDatabase, key_id: str) -> Iterator[Vaulted]:
    """The database with its backups."""
    with vaulted(database, key_id) as made:
        yield made


@pytest.fixture
def own_vault(own_database: TestDatabase, key_id: str) -> Iterator[Vaulted]:
    """The same for a test that changes the schema."""
    with vaulted(own_database, key_id) as made:
        yield made


@pytest.fixture
def filled(vault: Vaulted) -> int:
    """A school with a row in every table, beside another one that has as much; its id."""
    return fill(vault)


@pytest.fixture
def own_filled(own_vault: Vaulted) -> int:
    return fill(own_vault)


def fill(vault: Vaulted) -> int:
    with vault.database.owner.connect() as connection:
        fill_school(connection, "lotus")
        school = fill_school(connection, "aurora")
    vault.database.rows("""UPDATE "Checkout" SET status = 'PAID', "paidAt" = "createdAt" """)
    vault.database.rows('UPDATE "OutboxMessage" SET "handledAt" = now(), "parkedAt" = NULL')
    return school
