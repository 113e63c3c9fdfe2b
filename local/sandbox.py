"""The process of one execution environment, seen from outside."""

import json
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.worker import receive, send

WORKER = Path(__file__).with_name("worker.py")

# Lambda's own limit on importing the handler.
INIT_SECONDS = 10.0
FAREWELL_SECONDS = 0.5


@dataclass(frozen=True)
class Program:
    """What to run: the same for every sandbox of a function. Timeout in seconds."""

    name: str
    arn: str
    code: Path
    root: Path
    handler: str
    timeout: float
    environment: Mapping[str, str]
    log: Path


@dataclass(frozen=True)
class Invocation:
    """The handler's answer, or Lambda's description of what went wrong."""

    payload: Any
    failed: bool = False


@dataclass(eq=False)
class Sandbox:
    """`usable` is false once the process is gone or told to go."""

    process: "subprocess.Popen[bytes]"
    channel: socket.socket
    program: Program
    version: int
    ready: bool = False
    usable: bool = True

    def invoke(self, event: Any) -> Invocation:
        request_id = str(uuid.uuid4())
        try:
            if not self.ready:
                started = self.read(time.monotonic() + INIT_SECONDS)
                if "error" in started:
                    self.close()
                    return Invocation(started["error"], failed=True)
                self.ready = True
            send(self.channel, json.dumps(self.message(event, request_id)))
            answer = self.read(time.monotonic() + self.program.timeout)
        except TimeoutError:
            self.process.kill()
            self.close()
            return Invocation(self.timed_out(request_id), failed=True)
        except OSError:
            self.close()
            return Invocation(self.exited(request_id), failed=True)
        if "error" in answer:
            return Invocation(answer["error"], failed=True)
        return Invocation(answer["payload"])

    def message(self, event: Any, request_id: str) -> dict[str, Any]:
        now = time.time()
        return {
            "event": event,
            "requestId": request_id,
            "deadline": now + self.program.timeout,
            "traceId": f"Root=1-{int(now):08x}-{uuid.uuid4().hex[:24]};Sampled=0",
            "arn": self.program.arn,
        }

    def read(self, deadline: float) -> dict[str, Any]:
        """Raises TimeoutError, or ConnectionError when the process is gone."""
        self.channel.settimeout(max(0.001, deadline - time.monotonic()))
        answer = receive(self.channel)
        if answer is None:
            raise ConnectionError
        return answer

    def timed_out(self, request_id: str) -> dict[str, Any]:
        return {
            "errorType": "Sandbox.Timedout",
            "errorMessage": f"RequestId: {request_id} Error: Task timed out after "
            f"{self.program.timeout:.2f} seconds",
        }

    def exited(self, request_id: str) -> dict[str, Any]:
        code = self.process.wait()
        how = f"exit status {code}" if code >= 0 else f"signal: {signal.strsignal(-code)}"
        return {
            "errorType": "Runtime.ExitError",
            "errorMessage": f"RequestId: {request_id} Error: Runtime exited with error: {how}",
        }

    def close(self) -> None:
        """An idle worker ends by itself when its channel closes; one at work has to be ended."""
        self.usable = False
        self.channel.close()
        try:
            self.process.wait(FAREWELL_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_sandbox(program: Program, version: int) -> Sandbox:
    ours, theirs = socket.socketpair()
    # Isolated: neither PYTHON* variables nor the folder of the script reach the function.
    command = [sys.executable, "-I", str(WORKER), str(theirs.fileno())]
    with theirs, program.log.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603
            [*command, str(program.code), str(program.root), program.handler],
            env=dict(program.environment),
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    return Sandbox(process, ours, program, version)
