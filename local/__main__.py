"""`python -m local`: runs the service on this machine until Ctrl-C."""

import os
import signal
import sys
import threading
import time
import zoneinfo
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from local.errors import LocalRunError
from local.stack import Stack, running_stack

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
        port = int(os.environ.get("PORT") or DEFAULT_PORT)
        url = os.environ.get("DATABASE_URL") or None
        with running_stack(ROOT, ROOT / ".local", port, url, progress=progress) as stack:
            progress("Ready")
            started = True
            print(greeting(stack), flush=True)
            threading.Event().wait()
    except KeyboardInterrupt:
        print("\nStopped." if started else "\nStopped before it was ready.")
    return 0 if started else 130


def stopwatch() -> Callable[[str], None]:
    start = time.monotonic()
    return lambda text: print(f"{time.monotonic() - start:5.1f} s  {text}", flush=True)


def greeting(stack: Stack) -> str:
    tenants: Mapping[str, Any] = stack.state["tenants"]
    port = stack.api_url.rsplit(":", 1)[1]
    schools = [f"  http://{name}.localhost:{port}/" for name in tenants]
    return "\n".join(
        [
            "",
            "Open",
            *schools,
            f"  {stack.api_url}/_local",
            "",
            "Try",
            *(f"  {line}" for line in examples(stack.api_url, tenants)),
            "",
            f"Everything else is in {stack.foundation.state_directory / 'state.json'}. Ctrl-C stops.",
        ]
    )


def examples(api_url: str, tenants: Mapping[str, Any]) -> list[str]:
    lines = [f"curl {api_url}/health"]
    for name, tenant in list(tenants.items())[:1]:
        school = f"curl -H 'X-Tenant: {name}' '{api_url}/v1/event-types"
        lessons = [one["id"] for one in tenant["eventTypes"] if one["kind"] != "workshop"]
        lines += [f"{school}'", *(f"{school}/{one}/slots?{next_week()}'" for one in lessons[:1])]
    return lines


def next_week() -> str:
    today = datetime.now(UTC).date()
    start, end = today + timedelta(days=1), today + timedelta(days=8)
    return f"start={start}T00:00:00Z&end={end}T00:00:00Z&timeZone=Europe/Berlin"


if __name__ == "__main__":
    sys.exit(main())
