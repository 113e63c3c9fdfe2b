from collections.abc import Iterator

import pytest

from tests.clients.kms import kms_key


@pytest.fixture
def key_id(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with kms_key(monkeypatch) as made:
        yield made
