"""`.local/state.json`: where everything of a run is, for people and scripts."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.private_files import write_private


@contextmanager
def told_state(path: Path, state: Mapping[str, Any]) -> Iterator[None]:
    """The file is there while the run is; it holds passwords and tokens. A dead run leaves nothing
    that looks alive.
    """
    write_private(path, json.dumps(state, indent=2, ensure_ascii=False) + "\n")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
