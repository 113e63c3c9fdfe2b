"""What a cold start loads: `make bench-imports`.

Processor time (user and system) of a fresh interpreter that imports a function, against one that imports
boto3. The interpreter sees what Lambda's would: the function, shared/, the packages of the layers and of
the runtime, and the variables of the template. Everything is compiled before.
"""

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from bench.side_by_side import measured, print_ratios, ratios
from layers.smoke import RUNTIME, environments

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("layers/dependencies/requirements.txt", "layers/migrations/requirements.txt")
BASE = "import boto3"
# What weighs most; the sum is more than a function costs, for they share modules.
LIBRARIES = (
    "sqlalchemy",
    "sqlalchemy.dialects.postgresql.pg8000",
    "sqlalchemy.orm",
    "pg8000.dbapi",
    "pydantic",
    "aws_lambda_powertools",
    "aws_lambda_powertools.event_handler",
)


def processor_seconds(code: str, path: list[Path], variables: dict[str, str]) -> float:
    """User and system time of a fresh interpreter that runs `code`.

    It leaves at once: a cold start does not tidy up, and who freezes the collector would win by a cheap exit.
    """
    environment = variables | {"PYTHONPATH": os.pathsep.join(map(str, path)), "PYTHONTZPATH": ""}
    environment |= {"AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1"}
    command = [sys.executable, "-S", "-s", "-P", "-c", f"{code}\nimport os\nos._exit(0)"]
    child = os.posix_spawn(sys.executable, command, environment)
    _, status, used = os.wait4(child, 0)
    if status != 0:
        sys.exit(f"failed in a fresh interpreter: {code}")
    return used.ru_utime + used.ru_stime


def link_packages(folder: Path) -> None:
    """Links what the layers and the runtime bring: finding a module takes longer among more packages."""
    for name in (*pinned_packages(), *RUNTIME):
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue  # pinned for another Python than this one
        tops = {file.parts[0] for file in found.files or []} - {"..", "__pycache__"}
        for top in tops:
            if not (folder / top).exists():
                (folder / top).symlink_to(Path(str(found.locate_file(top))).resolve())


def pinned_packages() -> Iterator[str]:
    for lock in LOCKS:
        yield from re.findall(r"^([\w.-]+)==", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE)


def cases(packages: Path) -> dict[str, Callable[[], float]]:
    """Names of what is imported, as a table shows them, with what measures it once."""
    path = [ROOT, packages]
    plain = {"pass": "pass", BASE: BASE, **{f"import {name}": f"import {name}" for name in LIBRARIES}}
    of_libraries: dict[str, Callable[[], float]] = {
        name: partial(processor_seconds, code, path, {}) for name, code in plain.items()
    }
    of_functions: dict[str, Callable[[], float]] = {
        code: partial(processor_seconds, "import app", [ROOT / code, *path], variables)
        for code, variables in environments().items()
        if (ROOT / code / "app.py").is_file()
    }
    return of_libraries | of_functions


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="booking-bench-") as name:
        link_packages(Path(name))
        compared = cases(Path(name))
        measured(compared, 1)  # compiles
        samples = measured(compared, rounds)
    print_ratios(f"Processor time against `{BASE}` ({rounds} rounds)", ratios(samples, BASE))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=11)
    main(parser.parse_args().rounds)
