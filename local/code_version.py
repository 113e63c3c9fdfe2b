"""Whether somebody edited the code while it runs."""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

WATCHED_FOLDERS = ("functions", "shared", "migrations")
LOOK_SECONDS = 1.0


@dataclass
class CodeVersion:
    """A number that grows when a file of the functions changes; it looks at most once a second."""

    root: Path
    _number: int = 0
    _seen: frozenset[tuple[str, int]] = frozenset()
    _looked_at: float = -LOOK_SECONDS
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def current(self) -> int:
        with self._lock:
            if time.monotonic() - self._looked_at >= LOOK_SECONDS:
                self._looked_at = time.monotonic()
                seen = frozenset(self._files())
                if seen != self._seen:
                    self._seen, self._number = seen, self._number + 1
            return self._number

    def _files(self) -> Iterator[tuple[str, int]]:
        for folder in WATCHED_FOLDERS:
            for path in (self.root / folder).rglob("*"):
                # Folders change with the .pyc files that running the code leaves behind.
                if path.suffix == ".pyc" or path.name == "__pycache__" or path.is_dir():
                    continue
                with suppress(FileNotFoundError):
                    yield str(path), path.stat().st_mtime_ns
