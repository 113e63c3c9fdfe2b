"""A headless Chromium, spoken to in the DevTools protocol over a pipe; nothing has to be installed for it."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_SECONDS = 30
# Through the pipe only: no port that others could find, and nothing asked of the internet.
OPTIONS = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP *.localhost 127.0.0.1",
)


def found_chromium() -> str | None:
    """The program, or None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class PageFailed(Exception):
    """What the page's script, or the browser, said."""


@dataclass
class Browser:
    """One tab at a time; `said` are errors and warnings of its console, a broken policy among them."""

    commands: BinaryIO
    answers: BinaryIO
    session: str = ""
    said: list[str] = field(default_factory=list)
    loads: int = 0
    numbers: Iterator[int] = field(default_factory=count)

    def tell(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol, and its result."""
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.commands.write(json.dumps(message).encode() + b"\0")
        self.commands.flush()
        while (answer := self._read()).get("id") != number:
            self._note(answer)
        if "error" in answer:
            raise PageFailed(f"{method}: {answer['error']}")
        result: dict[str, Any] = answer["result"]
        return result

    def open_tab(self, *, width: int = 390, height: int = 844, zone: str = "", language: str = "en") -> None:
        """A tab that knows nothing of those before."""
        self.session = ""
        context = self.tell("Target.createBrowserContext")["browserContextId"]
        target = self.tell("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        self.session = self.tell("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.tell(f"{domain}.enable")
        self.size(width, height)
        self.tell("Emulation.setUserAgentOverride", userAgent="Mozilla/5.0 (test)", acceptLanguage=language)
        if zone:
            self.tell("Emulation.setTimezoneOverride", timezoneId=zone)

    def size(self, width: int, height: int) -> None:
        self.tell(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip

    def go(self, url: str) -> None:
        """Wait until it is loaded; what scripts do after that is waited for by `until`."""
        loads = self.loads
        if error := self.tell("Page.navigate", url=url).get("errorText"):
            raise PageFailed(f"{url}: {error}")
        while self.loads == loads:
            self._note(self._read())

    def run(self, script: str) -> Any:
        """The value of an expression in the page, awaited."""
        told = self.tell("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in told:
            raise PageFailed(f"{script}: {told['exceptionDetails']}")
        return told["result"].get("value")

    def until(self, script: str) -> None:
        """Wait for the expression to be true; while a page gives way to the next it is asked again."""
        deadline, told = time.monotonic() + PATIENCE_SECONDS, None
        while time.monotonic() < deadline:
            try:
                if self.run(f"Boolean({script})"):
                    return
            except PageFailed as error:
                told = error
            time.sleep(0.05)
        raise PageFailed(f"never true: {script}; {told}; {self.said}; {self.text()[:2000]}")

    def text(self) -> str:
        return str(self.run("document.body.innerText"))

    def press(self, key: str) -> None:
        """A key as a person presses it, by its name in KeyboardEvent."""
        codes = {"Tab": 9, "Enter": 13, "ArrowRight": 39, "ArrowDown": 40, "Space": 32}
        text = {"Enter": "\r", "Space": " "}.get(key, "")
        named = {"key": key, "code": key, "windowsVirtualKeyCode": codes[key], "text": text}
        self.tell("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **named)
        self.tell("Input.dispatchKeyEvent", type="keyUp", key=key, code=key, windowsVirtualKeyCode=codes[key])

    def type(self, text: str) -> None:
        self.tell("Input.insertText", text=text)

    def picture(self, path: Path) -> None:
        """Of the whole page."""
        size = self.tell("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 5000), "scale": 1}
        told = self.tell("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(told["data"]))

    def _read(self) -> dict[str, Any]:
        data = bytearray()
        while (byte := self.answers.read(1)) != b"\0":
            if not byte:
                raise PageFailed("Chromium has ended")
            data += byte
        message: dict[str, Any] = json.loads(data)
        return message

    def _note(self, message: dict[str, Any]) -> None:
        told = message.get("params", {})
        if message.get("method") == "Page.loadEventFired":
            self.loads += 1
        if message.get("method") == "Log.entryAdded" and told["entry"]["level"] == "error":
            self.said.append(f"{told['entry']['text']} {told['entry'].get('url', '')}")
        if message.get("method") == "Runtime.exceptionThrown":
            self.said.append(json.dumps(told["exceptionDetails"]))


@contextmanager
def chromium(program: str) -> Iterator[Browser]:
    """Started with a profile of its own, which is gone afterwards."""
    (its_commands, commands), (answers, its_answers) = os.pipe(), os.pipe()
    with tempfile.TemporaryDirectory(prefix="booking-chromium-", ignore_cleanup_errors=True) as profile:
        line = f'exec "$0" "$@" 3<&{its_commands} 4>&{its_answers}'
        options = [*OPTIONS, f"--user-data-dir={profile}", "about:blank"]
        process = subprocess.Popen(
            ["/bin/bash", "-c", line, program, *options],
            pass_fds=(its_commands, its_answers), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(its_commands)
        os.close(its_answers)
        with os.fdopen(commands, "wb") as writing, os.fdopen(answers, "rb") as reading:
            try:
                yield Browser(writing, reading)
            finally:
                process.terminate()
                process.wait(PATIENCE_SECONDS)
