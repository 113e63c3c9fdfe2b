"""What a browser loads when somebody opens a school, over the run's own gateway."""

import re
from urllib.parse import urlsplit

import httpx

from local.stack import Stack

_LOADED = re.compile(r'(?:src|href)="(/assets/[^"]+)"')
_NEIGHBOURS = re.compile(r'from "\./([^"]+)"')


def test_a_school_is_opened_and_everything_its_pages_need_is_there(stack: Stack) -> None:
    host = f"aurora.localhost:{urlsplit(stack.api_url).port}"
    with httpx.Client(base_url=stack.api_url, headers={"Host": host}, trust_env=False, timeout=60) as browser:
        landing = browser.get("/").text
        book = browser.get(re.findall(r'href="(/book/[^"]+)"', landing)[0]).text
        wanted = {path.replace("&amp;", "&") for path in _LOADED.findall(landing + book)}
        seen: set[str] = set()
        while wanted - seen:
            path = (wanted - seen).pop()
            answer = browser.get(path)
            assert (answer.status_code, "immutable" in answer.headers["cache-control"]) == (200, True), path
            seen.add(path)
            wanted |= {f"/assets/{name}" for name in _NEIGHBOURS.findall(answer.text)}
        assert browser.get("/templates/personal-tutor.jpg").content.startswith(b"\xff\xd8")
    assert {urlsplit(path).path for path in seen} >= {
        "/assets/site.css",
        "/assets/theme.css",
        "/assets/api.js",
    }
