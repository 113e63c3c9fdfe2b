"""`make run` as a person sees it: what it prints, how it ends."""

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from local.postgres import temporary_postgres_server
from tests.local.sample import write_sample

PROJECT = Path(__file__).resolve().parents[2]

# The real entry point over the sample's template.
PROGRAM = """
import sys
from pathlib import Path
import local.__main__ as program
program.ROOT = Path(sys.argv[1])
sys.exit(program.main())
"""

Run = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    write_sample(tmp_path)
    with ExitStack() as exits:

        def started(**environment: str) -> "subprocess.Popen[str]":
            process = exits.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", PROGRAM, str(tmp_path)],
                    cwd=PROJECT,
                    env={"PATH": "/usr/bin:/bin", "HOME": "", **environment},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
            # A test that fails before it ends its run does not wait for it for ever.
            exits.callback(process.terminate)
            return process

        yield started


def until(process: "subprocess.Popen[str]", text: str) -> str:
    """What it printed up to a line with `text`; a run that hangs is killed and fails the test."""
    assert process.stdout is not None
    watchdog = threading.Timer(120, process.kill)
    watchdog.start()
    printed = ""
    for line in process.stdout:
        printed += line
        if text in line:
            break
    watchdog.cancel()
    assert text in printed
    return printed


def test_a_port_that_is_taken_is_said_in_one_line(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = run(PORT=str(taken.getsockname()[1]))
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "is taken; choose another with PORT=" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_what_to_open_and_ends_when_told(run: Run, number: signal.Signals) -> None:
    with temporary_postgres_server() as server, socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
        probe.close()
        process = run(PORT=str(port), DATABASE_URL=server.url)
        printed = until(process, "Ctrl-C stops")
        assert f"http://aurora.localhost:{port}/\n" in printed
        assert f"http://127.0.0.1:{port}/_local" in printed
        assert httpx.get(f"http://127.0.0.1:{port}/_local", trust_env=False).status_code == 200
        process.send_signal(number)
        rest, errors = process.communicate(timeout=60)
    assert (process.returncode, rest.strip(), errors) == (0, "Stopped.", "")
