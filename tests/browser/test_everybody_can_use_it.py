"""Each page on a small phone and a wide screen: what WCAG 2.2 AA asks for, as far as a program can see it."""

from pathlib import Path

import pytest

from local.database import connected
from local.stack import Stack
from tests.browser.chromium import Browser
from tests.browser.student import Student

pytestmark = pytest.mark.browser

CHECKS = Path(__file__).with_name("checks.js").read_text(encoding="utf-8")
WIDTHS = (360, 1280)
# Whoever chooses colours does not think of contrast.
COLOURS = (("#3B82F6", "#F59E0B"), ("#FDE047", "#FEF3C7"), ("#1E1B4B", "#7F1D1D"), ("#808080", "#A3A3A3"))


@pytest.fixture
def student(browser: Browser, stack: Stack) -> Student:
    return Student(browser, stack)


def wrong(student: Student) -> list[str]:
    """What is wrong with the page as it is now, on every width."""
    found = []
    for width in WIDTHS:
        student.browser.size(width, 800)
        found += [f"{width}: {each}" for each in student.browser.run(CHECKS)]
    return found


def publish(student: Student, design: int, colours: tuple[str, str]) -> None:
    with connected(student.stack.foundation.database.owner_url) as connection:
        connection.run(
            f"""UPDATE "TenantLandingSettings" SET published = true, "templateId" = {design},
                    "primaryColor" = '{colours[0]}', "secondaryColor" = '{colours[1]}',
                    "pageSubtitle" = 'Small groups.', "teacherBio" = 'Twenty years of teaching.',
                    "socialLinks" = '{{"facebook": "https://facebook.com/aurora"}}'
                WHERE "tenantId" = {student.stack.state["tenants"]["aurora"]["id"]}"""
        )


def test_the_checks_see_what_is_wrong(student: Student) -> None:
    student.open("/")
    student.browser.run("""
        document.querySelector("main").innerHTML = `<h3>Left out</h3><p>grey</p><input><button></button><img>
            <b id="content">twice</b><i aria-labelledby="nobody">x</i><div>wide</div>`;
        document.querySelector("main p").style.color = "#999999";
        document.querySelector("main button").style.minHeight = "9px";
        document.querySelector("main div").style.width = "2000px";
    """)
    told = " ".join(wrong(student))
    seen = (
        "0 h1",
        "a level is left out",
        "contrast",
        "no label",
        "no name",
        "small",
        "no alt",
        "two are called",
    )
    assert [problem for problem in (*seen, "of nothing", "wider than") if problem not in told] == []


@pytest.mark.parametrize("design", range(1, 6))
@pytest.mark.parametrize("colours", COLOURS, ids=" ".join)
def test_a_landing_page(student: Student, design: int, colours: tuple[str, str]) -> None:
    publish(student, design, colours)
    student.open(f"/?lang={'vi' if design % 2 else 'en'}&fresh={design}{colours[0][1:]}")
    assert wrong(student) == []


def test_the_list_before_anything_is_published(student: Student) -> None:
    student.school = "lotus"
    with connected(student.stack.foundation.database.owner_url) as connection:
        connection.run('UPDATE "TenantLandingSettings" SET published = false')
    student.open("/?fresh=1")
    assert wrong(student) == []


@pytest.mark.parametrize("language", ["en", "vi"])
def test_booking_a_lesson(student: Student, language: str) -> None:
    browser = student.browser
    student.open(f"/book/conversation?lang={language}")
    browser.until("document.querySelector('.month button')")
    assert wrong(student) == []
    browser.run("document.querySelector('.month button').click()")
    browser.until("document.querySelector('.times button')")
    assert wrong(student) == []
    browser.run("document.querySelector('.times button').click()")
    browser.until("document.querySelector('form')")
    browser.run("document.querySelector('[type=submit]').click()")
    browser.until("document.querySelector('[aria-invalid=true]')")
    assert wrong(student) == []
    student.fill(name="Ann", email=f"ann-{language}@example.com")
    browser.run("document.querySelector('[type=submit]').click()")
    student.at("/bookings/")
    browser.until("document.querySelectorAll('.buttons .quiet-button').length === 2")
    assert wrong(student) == []
    for number in (1, 0):
        browser.run(f"document.querySelectorAll('.buttons .quiet-button')[{number}].click()")
        browser.until(
            "document.querySelector('.month button')" if number == 0 else "document.querySelector('.danger')"
        )
        assert wrong(student) == []


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/book/reading-circle", ".sessions li"),
        ("/bookings/unknown", ".notice"),
        ("/bookings/unknown#manageToken=wrong", ".problem"),
        ("/waitlist/1", ".notice"),
        ("/book/nothing", "h1"),
    ],
)
def test_other_pages(student: Student, path: str, there: str) -> None:
    student.open(path)
    student.browser.until(f"document.querySelector('{there}')")
    assert wrong(student) == []
