"""`python -m local`: runs the service on this machine until Ctrl-C."""

import os
import signal
import sys
import threading
import time
import zoneinfo
from collections.abc import Callable
from pathlib import Path

from local.errors import LocalRunError
from local.greeting import greeting
from local.stack import running_stack

ROOT = Path(__file__).resolve().parents[1]
DEFAULT_PORT = 8000


def main() -> int:
    # The pinned package, not this machine's zone files.
    zoneinfo.reset_tzpath(())
    # The first one ends the run in order; a second one cuts short the step that is being ended.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return run()
    except LocalRunError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1


def run() -> int:
    progress = stopwatch()
    started = False
    try:
        port = wanted_port(os.environ.get("PORT") or str(DEFAULT_PORT))
        url = os.environ.get("DATABASE_URL") or None
        with running_stack(ROOT, ROOT / ".local", port, url, progress=progress) as stack:
            progress("Ready")
            started = True
            print(greeting(stack), flush=True)
            threading.Event().wait()
    except KeyboardInterrupt:
        print("\nStopped." if started else "\nStopped before it was ready.")
    return 0 if started else 130


def wanted_port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 1 << 16:
        raise LocalRunError(f"PORT={text} is no port: it is a number from 1 to 65535")
    return int(text)


def stopwatch() -> Callable[[str], None]:
    start = time.monotonic()
    return lambda text: print(f"{time.monotonic() - start:5.1f} s  {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
