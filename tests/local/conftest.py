"""A running sample service for each file of tests."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.stack import Stack, running_stack
from tests.local.sample import write_sample

# Nothing of the sample connects to a database.
NO_DATABASE = "postgresql://owner:secret@127.0.0.1:1/none"


@dataclass(frozen=True)
class Sample:
    root: Path
    stack: Stack
    http: httpx.Client

    def notes(self) -> list[Any]:
        """The events that NoteFunction has seen, oldest first; not the one that it is just writing down."""
        written = (self.root / "notes.jsonl").read_text().split("\n")[:-1]
        return [json.loads(line) for line in written]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    root = tmp_path_factory.mktemp("sample")
    write_sample(root)
    with (
        running_stack(
            root, root / ".local", database_url=NO_DATABASE, prepare=lambda _: {}, retry_after=0
        ) as stack,
        httpx.Client(base_url=stack.api_url, timeout=30, trust_env=False) as http,
    ):
        yield Sample(root, stack, http)
