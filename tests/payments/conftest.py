from collections.abc import Iterator

import pytest

from shared.clients.sealing import Sealer
from tests.clients.kms import kms_key
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.payments.webhooks import Webhooks


@pytest.fixture
def key_id(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with kms_key(monkeypatch) as made:
        yield made


@pytest.fixture
def webhooks(load: Load, database: TestDatabase, key_id: str) -> Iterator[Webhooks]:
    """Stripe's way in, through the real handler."""
    function = load("stripe_webhooks", TENANT_SECRETS_KEY_ID=key_id)
    yield Webhooks(function, database, Sealer(key_id))
    function.close()
