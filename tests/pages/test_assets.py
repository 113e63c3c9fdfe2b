"""What the pages load: only what is there, told apart by its content, and complete in both languages."""

import re

import pytest

from shared.openapi.operation import Operation
from shared.openapi.operations import OPERATIONS
from shared.pages.assets import FOLDER
from shared.pages.words import WORDS
from tests.functions import Api

HOST = "aurora.booking.test"
# What the pages' scripts call.
CALLED = {
    "listSlots", "listSessions", "createBooking", "joinWaitlist", "getBooking", "cancelBooking",
    "rescheduleBooking", "acceptSeat", "getWaitlistEntry", "leaveWaitlist",
}  # fmt: skip


def words(language: str) -> str:
    return (FOLDER / f"words-{language}.js").read_text()


def names(language: str) -> list[str]:
    """As they are nested, without the words."""
    return re.findall(r"^( +\w+):", words(language), re.MULTILINE)


@pytest.mark.parametrize(
    "name",
    ["none.css", "..%2f..%2fassets.py", "../theme.py", "", "icon.png", "site.css/x", "%00", "site.css%00"],
)
def test_nothing_else_is_told(pages: Api, name: str) -> None:
    answer = pages.get(f"/assets/{name}", host=HOST)
    assert answer.status == 404
    assert answer.headers["cache-control"] == "no-store"


def test_a_file_with_its_version_is_kept_for_ever_and_without_it_asked_for_again(pages: Api) -> None:
    page = pages.get("/favicon.ico", host=HOST)
    assert page.status == 200
    plain = pages.get("/assets/book.js", host=HOST)
    version = re.findall(r'from "\./api\.js\?v=(\w+)"', plain.text)[0]
    kept = pages.get(f"/assets/book.js?v={version}", host=HOST)
    assert (kept.text, kept.status) == (plain.text, 200)
    assert plain.headers["cache-control"] == "no-cache"
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert pages.get("/assets/book.js?v=older", host=HOST).headers["cache-control"] == "no-cache"


def test_who_knows_a_file_is_not_sent_it_again(pages: Api) -> None:
    told = pages.get("/assets/site.css", host=HOST)
    again = pages.get("/assets/site.css", host=HOST, headers={"if-none-match": told.headers["etag"]})
    assert (again.status, again.text) == (304, "")
    other = pages.get("/assets/site.css", host=HOST, headers={"if-none-match": '"another"'})
    assert other.status == 200


def test_every_module_that_is_imported_is_there() -> None:
    for path in FOLDER.glob("*.js"):
        for neighbour in re.findall(r'from "\./([^"]+)"', path.read_text()):
            assert (FOLDER / neighbour).is_file(), (path.name, neighbour)
        assert "innerHTML" not in path.read_text()


def test_the_theme_takes_colours_and_nothing_else(pages: Api) -> None:
    good = pages.get("/assets/theme.css?primary=ff0000&secondary=00ff00", host=HOST).text
    assert "--brand: #ff0000;" in good
    assert "--accent: #00ff00;" in good
    bad = pages.get("/assets/theme.css?primary=f00}body{x:y&secondary=url(//evil)", host=HOST).text
    assert bad == pages.get("/assets/theme.css", host=HOST).text


def test_both_languages_have_the_same_words() -> None:
    assert names("en") == names("vi")
    assert list(WORDS["en"]) == list(WORDS["vi"])
    for word, told in WORDS["en"].items():
        assert re.findall(r"\{\w+\}", told) == re.findall(r"\{\w+\}", WORDS["vi"][word]), word


def test_every_word_that_a_script_says_is_there() -> None:
    known = {name.strip() for name in names("en")}
    for path in FOLDER.glob("*.js"):
        said = set(re.findall(r"\bwords\.(\w+)", path.read_text()))
        assert said <= known, (path.name, said - known)


@pytest.mark.parametrize(
    "operation", [one for one in OPERATIONS if one.name in CALLED], ids=lambda one: one.name
)
def test_every_problem_that_the_api_may_tell_has_its_words(operation: Operation) -> None:
    told = {problem.code for problem in operation.told_problems}
    assert told <= {name.strip() for name in names("en")}
    assert {one.name for one in OPERATIONS} >= CALLED
