"""The import's function in a process of its own, as Lambda runs it, so that its memory can be told.

Reads a key of an uploaded file a line, imports it, and writes a line of JSON: what the handler answered, the
seconds it took, and the most memory that the process ever had, in bytes.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests.databases import TestDatabase
from tests.functions import ROOT, load_function, sqs_event
from tests.whitelists.imports import notification


@dataclass(frozen=True, slots=True)
class Imported:
    """One import, by the process that made it."""

    answer: dict[str, Any]
    seconds: float
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class Worker:
    process: "subprocess.Popen[str]"
    keys: IO[str]
    answers: IO[str]

    def __call__(self, key: str) -> Imported:
        self.begin(key)
        return Imported(**json.loads(self.answers.readline()))

    def begin(self, key: str) -> None:
        """Without waiting for what comes of it."""
        self.keys.write(f"{key}\n")
        self.keys.flush()


@contextmanager
def worker(database: TestDatabase, aws_url: str, bucket: str) -> Iterator[Worker]:
    """A worker over the database and the bucket; it ends with its input."""
    environment = {
        **os.environ,
        "DATABASE_URL": database.app_url,
        "UPLOADS_BUCKET": bucket,
        "AWS_ENDPOINT_URL": aws_url,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "POWERTOOLS_SERVICE_NAME": "booking",
        "POWERTOOLS_LOG_LEVEL": "WARNING",
        "POWERTOOLS_METRICS_NAMESPACE": "BookingService",
    }
    process = subprocess.Popen(  # this very module
        [sys.executable, "-m", "tests.whitelists.worker"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        if process.stdin is None or process.stdout is None:
            raise AssertionError("both are pipes")
        yield Worker(process, process.stdin, process.stdout)
        process.stdin.close()


def peak_bytes() -> int:
    """Since the process began; what `getrusage` tells includes the process that started this one."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    told = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(told.split()[1]) * 1024


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # What the function logs is nobody's answer.
    sys.stdout = sys.stderr
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    function = load_function("whitelist_import")
    for line in sys.stdin:
        began = time.perf_counter()
        answer = function(sqs_event(notification(line.strip())))
        told = {"answer": answer, "seconds": time.perf_counter() - began, "peak_bytes": peak_bytes()}
        answers.write(json.dumps(told) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
