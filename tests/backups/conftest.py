from collections.abc import Iterator

import pytest

from tests.backups.files import Vaulted, vaulted
from tests.backups.workers import Cloud, Workers, made_cloud
from tests.clients.kms import kms_key
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Api
from tests.isolation.fill_school import fill_school
from tests.platform.root import Root, made_root
from tests.schools import School


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


@pytest.fixture
def cloud(key_id: str) -> Cloud:
    """A bucket that locks its objects, queues, and a key."""
    return made_cloud(key_id)


@pytest.fixture
def workers(load: Load, database: TestDatabase, cloud: Cloud) -> Iterator[Workers]:
    """The functions that make backups and carry out restores."""
    backup = load("tenant_backup", BACKUP_DATABASE_URL=database.url_of("booking_backup"), **cloud.environment)
    environment = {name: cloud.environment[name] for name in ("BACKUPS_BUCKET", "BACKUPS_KEY_ID")}
    restore = load("tenant_restore", RESTORE_DATABASE_URL=database.url_of("booking_restore"), **environment)
    yield Workers(cloud, backup, restore)
    backup.close()
    restore.module.places.database.dispose()


@pytest.fixture
def admin(load: Load, school: School) -> Iterator[Api]:
    """What the staff calls."""
    function = load("admin_api", UPLOADS_BUCKET="uploads")
    yield Api(function)
    function.close()


@pytest.fixture
def root(load: Load, database: TestDatabase) -> Iterator[Root]:
    """A super admin, through the real handler."""
    made_root(database)
    function = load("platform_api", OPS_DATABASE_URL=database.ops_url)
    yield Root(Api(function, tenant=None))
    function.close()
