"""One local run for the stories of this folder: the real template, functions, database and fakes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.stack import Stack, running_stack

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Started as `make run` starts it, with a state of its own."""
    with running_stack(ROOT, tmp_path_factory.mktemp("run"), retry_after=1) as started:
        yield started
