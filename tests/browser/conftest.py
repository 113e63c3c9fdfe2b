"""One local run and one Chromium for the stories of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.stack import Stack, running_stack
from tests.browser.chromium import NAMES, Browser, chromium, found_chromium

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def program() -> str:
    found = found_chromium()
    if found is None:
        pytest.skip(f"needs a Chromium on the PATH ({', '.join(NAMES)}), as Debian's package chromium has it")
    return found


@pytest.fixture(scope="session")
def stack(program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Started as `make run` starts it, with a state of its own."""
    with running_stack(ROOT, tmp_path_factory.mktemp("run"), retry_after=1) as started:
        yield started


@pytest.fixture(scope="session")
def started(program: str) -> Iterator[Browser]:
    with chromium(program) as browser:
        yield browser


@pytest.fixture
def browser(started: Browser) -> Iterator[Browser]:
    """A phone in Paris, which has never been here; nothing that a page does may be refused or raise."""
    started.said.clear()
    started.open_tab(zone="Europe/Paris")
    yield started
    assert [said for said in started.said if "status of" not in said] == []
