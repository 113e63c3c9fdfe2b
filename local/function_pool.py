"""The execution environments of one function."""

import threading
from dataclasses import dataclass, field
from typing import Any

from local.code_version import CodeVersion
from local.sandbox import Invocation, Program, Sandbox, start_sandbox

STOPPED = Invocation(
    {"errorType": "ServiceException", "errorMessage": "the local run is stopping"}, failed=True
)


@dataclass
class FunctionPool:
    """Starts a sandbox when all are busy, up to `limit`; idle ones stay warm for the next event."""

    program: Program
    limit: int
    code: CodeVersion
    _idle: list[Sandbox] = field(default_factory=list)
    _alive: set[Sandbox] = field(default_factory=set)
    _stopped: bool = False
    _slots: threading.Semaphore = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._slots = threading.Semaphore(self.limit)

    def invoke(self, event: Any) -> Invocation:
        """`event` is any JSON value. Waits for a free sandbox as long as it takes."""
        with self._slots:
            sandbox = self._take()
            if sandbox is None:
                return STOPPED
            try:
                return sandbox.invoke(event)
            finally:
                self._give_back(sandbox)

    def stop(self) -> None:
        """Ends the idle ones, and those at work without waiting for their answer."""
        with self._lock:
            self._stopped = True
            idle, alive = set(self._idle), set(self._alive)
            self._idle.clear()
        for sandbox in alive - idle:
            sandbox.process.kill()
        for sandbox in idle:
            sandbox.channel.close()
        for sandbox in idle:
            sandbox.close()

    def _take(self) -> Sandbox | None:
        version = self.code.current()
        with self._lock:
            if self._stopped:
                return None
            outdated = [sandbox for sandbox in self._idle if sandbox.version != version]
            self._idle = [sandbox for sandbox in self._idle if sandbox.version == version]
            sandbox = self._idle.pop() if self._idle else start_sandbox(self.program, version)
            self._alive.add(sandbox)
            self._alive.difference_update(outdated)
        for old in outdated:
            old.close()
        return sandbox

    def _give_back(self, sandbox: Sandbox) -> None:
        with self._lock:
            if sandbox.usable and not self._stopped:
                self._idle.append(sandbox)
                return
            self._alive.discard(sandbox)
        sandbox.close()
