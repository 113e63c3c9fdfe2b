"""What a student does at the pages, in words."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from local.stack import Stack
from tests.browser.chromium import Browser

# What can be seen, among what is asked for.
SEEN = "[...document.querySelectorAll({what})].filter((each) => each.offsetParent !== null)"


@dataclass
class Student:
    browser: Browser
    stack: Stack
    school: str = "aurora"

    def url(self, path: str) -> str:
        host = self.stack.state["tenants"][self.school]["host"]
        return f"http://{host}:{urlsplit(self.stack.api_url).port}{path}"

    def open(self, path: str) -> None:
        self.browser.go(self.url(path))

    def press(self, text: str) -> None:
        """The first button or link that begins with the text, once it is there."""
        found = SEEN.format(what=json.dumps("button:not([disabled]), a")) + (
            f".find((each) => each.textContent.trim().startsWith({json.dumps(text)}))"
        )
        self.browser.until(found)
        self.browser.run(f"{found}.click()")

    def sees(self, text: str) -> None:
        """Fails when it does not come."""
        self.browser.until(f"document.body.innerText.includes({json.dumps(text)})")

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.browser.until(f"document.querySelector('#{name}')")
            self.browser.run(f"document.querySelector('#{name}').focus()")
            self.browser.run(f"document.querySelector('#{name}').select()")
            self.browser.type(value)

    def picks(self, day: int = 1, time: int = 0) -> str:
        """A free day and one of its times; what the button said."""
        days = "document.querySelectorAll('.month button')"
        self.browser.until(f"{days}.length > 0")
        if self.browser.run(f"{days}.length") <= day:
            self.browser.run("document.querySelector('[data-leaf=\"1\"]').click()")
            self.browser.until(f"{days}.length > {day}")
        self.browser.run(f"{days}[{day}].click()")
        times = "document.querySelectorAll('.times button')"
        self.browser.until(f"{times}.length > {time}")
        said = str(self.browser.run(f"{times}[{time}].textContent"))
        self.browser.run(f"{times}[{time}].click()")
        return said

    def at(self, path: str) -> None:
        """Waits to be where the address begins so."""
        self.browser.until(
            f"location.pathname.startsWith({json.dumps(path)}) && document.querySelector('dl')"
        )

    @property
    def address(self) -> str:
        return str(self.browser.run("location.href"))

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """The API, as somebody else would."""
        told = httpx.request(
            method,
            f"{self.stack.api_url}{path}",
            headers={"X-Tenant": self.school},
            trust_env=False,
            timeout=60,
            **options,
        )
        return told.json()
