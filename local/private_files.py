"""Files with secrets: readable by their owner only, replaced in one step."""

import os
import tempfile
from pathlib import Path


def read_private(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def write_private(path: Path, text: str) -> None:
    """Readers see the old text or the new one, never half of it."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).replace(path)
