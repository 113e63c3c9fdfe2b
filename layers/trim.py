"""Removes from a layer what no function ever imports: `python trim.py DIRECTORY LIST`.

The list has a glob and a reason a line. A glob that matches nothing stops the build, so that a library which
moved its files is noticed and the list never outlives what it was written for.
"""

import shutil
import sys
from pathlib import Path


def read_globs(unused: Path) -> list[str]:
    lines = unused.read_text(encoding="utf-8").splitlines()
    return [line.split()[0] for line in lines if line and not line.startswith("#")]


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def trim(directory: Path, globs: list[str]) -> list[str]:
    """Removes what the globs match below the directory; returns the globs that matched nothing."""
    stale = []
    for glob in globs:
        matches = list(directory.glob(glob))
        for path in matches:
            remove(path)
        if not matches:
            stale.append(glob)
    return stale


def main(directory: str, unused: str) -> None:
    stale = trim(Path(directory), read_globs(Path(unused)))
    if stale:
        sys.exit(f"{unused}: nothing matches {', '.join(stale)} any more")


if __name__ == "__main__":
    main(*sys.argv[1:])
