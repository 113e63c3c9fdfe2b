"""A student comes, books, changes their mind: in a real browser, against the local run."""

import json
import re
from collections.abc import Callable

import httpx
import pytest

from local.stack import Stack
from tests.browser.chromium import Browser
from tests.browser.student import Student
from tests.waiting import eventually

pytestmark = pytest.mark.browser


@pytest.fixture
def student(browser: Browser, stack: Stack) -> Student:
    return Student(browser, stack)


@pytest.fixture
def runs(stack: Stack) -> Callable[[str], None]:
    """Runs a schedule now."""

    def run(name: str) -> None:
        answer = httpx.post(f"{stack.api_url}/_local/schedules/{name}/run", trust_env=False, timeout=60)
        assert answer.status_code == 200, answer.text

    return run


def mails(stack: Stack, address: str) -> list[str]:
    told = httpx.get(f"{stack.api_url}/_local/mail.json", trust_env=False, timeout=60).json()
    return [json.dumps(mail) for mail in told if address in json.dumps(mail)]


def test_a_student_books_sees_moves_and_cancels_a_lesson(student: Student) -> None:
    student.open("/")
    student.press("See free times")
    student.picks(day=2)
    student.press("Book")
    student.sees("Please enter your name.")
    student.fill(name="Mai Nguyen", email="mai@example")
    student.press("Book")
    student.sees("Please enter an e-mail address")
    student.fill(email="mai@example.com", notes="Travel, please.")
    student.press("Book")
    student.at("/bookings/")
    student.sees("Confirmed")
    student.sees("Travel, please.")
    first = student.address
    student.press("Move")
    student.picks(day=3)
    student.press("Yes, move it")
    student.browser.until(f"location.href !== {json.dumps(first)}")
    student.at("/bookings/")
    student.sees("Confirmed")
    student.press("Cancel booking")
    student.sees("Nothing has been paid")
    student.fill(reason="I have fallen ill.")
    student.press("Yes, cancel it")
    student.sees("Your booking is cancelled.")
    student.browser.go(first)
    student.sees("Moved to another time")


def test_a_lesson_is_booked_with_the_keyboard_alone(student: Student) -> None:
    browser = student.browser
    student.open("/book/conversation")
    browser.until("document.querySelector('.month button')")
    browser.run("document.querySelector('.month [tabindex=\"0\"]').focus()")
    before = browser.run("document.activeElement.dataset.day")
    browser.press("ArrowRight")
    assert browser.run("document.activeElement.dataset.day") > before
    browser.press("Enter")
    browser.until("document.activeElement.matches('.picker h3')")
    browser.press("Tab")
    assert browser.run("document.activeElement.matches('.times button')")
    browser.press("Enter")
    browser.until("document.activeElement.id === 'form-heading'")
    browser.press("Tab")
    browser.type("Key Board")
    browser.press("Tab")
    browser.type("keys@example.com")
    browser.press("Enter")
    student.at("/bookings/")
    student.sees("Key Board, keys@example.com")


def test_who_is_too_slow_is_told_so_and_chooses_again(student: Student) -> None:
    student.open("/book/conversation")
    student.picks(day=4)
    loaded = "performance.getEntriesByType('resource').map((each) => each.name)"
    last = student.browser.run(f"{loaded}.findLast((each) => each.includes('/slots'))")
    path = last.partition("/v1/")[2]
    slots = student.ask("GET", f"/v1/{path}")["slots"]
    days = sorted({slot["start"][:10] for slot in slots})
    slot = next(slot for slot in slots if slot["start"][:10] == days[4])
    lesson = student.stack.state["tenants"]["aurora"]["eventTypes"][0]["id"]
    for number, teacher in enumerate(slot["teacherIds"]):
        attendee = {"name": "Fast", "email": f"fast{number}@example.com", "timeZone": "Europe/Paris"}
        asked = {"eventTypeId": lesson, "start": slot["start"], "teacherId": teacher, "attendee": attendee}
        assert student.ask("POST", "/v1/bookings", json=asked)["status"] == "accepted"
    student.fill(name="Slow", email="slow@example.com")
    student.press("Book")
    student.sees("Somebody was faster")
    assert student.browser.run("document.activeElement.getAttribute('role')") == "alert"
    student.browser.until("document.querySelector('.month button')")


def test_a_lesson_is_paid_at_stripe_and_refunded(student: Student, runs: Callable[[str], None]) -> None:
    student.open("/book/exam-coaching")
    student.picks(day=6)
    student.fill(name="Pia Payer", email="pia@example.com")
    student.press("Book and pay")
    student.browser.until("location.port !== " + json.dumps(student.address.split(":")[2].split("/")[0]))
    student.browser.run("history.back()")
    student.browser.until("location.pathname.startsWith('/book')")
    uid = student.browser.run(
        "Object.keys(sessionStorage).find((key) => key.startsWith('token:bookings/')).split('/')[1]"
    )
    student.open(f"/bookings/{uid}")
    student.sees("Waiting for your payment")
    student.press("Pay now")
    student.browser.until("document.querySelector('form')")
    student.press("Pay")
    student.at("/bookings/")
    student.sees("Your payment is on its way")
    runs("SettlePayments")
    student.sees("Confirmed")
    student.sees("€15.00")
    student.press("Cancel booking")
    student.sees("€15.00 will be paid back, because you cancel before")
    student.press("Yes, cancel it")
    student.sees("on its way")
    runs("SettlePayments")
    student.open(f"/bookings/{uid}")
    student.sees("paid back")


def test_a_series_is_booked_and_who_finds_it_full_waits_and_leaves(
    student: Student, runs: Callable[[str], None]
) -> None:
    workshop = next(
        each["id"] for each in student.stack.state["tenants"]["aurora"]["eventTypes"]
        if each["slug"] == "reading-circle"
    )  # fmt: skip
    for number in range(2):
        attendee = {"name": "R", "email": f"r{number}@example.com", "timeZone": "Europe/Paris"}
        asked = {"eventTypeId": workshop, "series": "all", "attendee": attendee}
        assert student.ask("POST", "/v1/bookings", json=asked)["status"] == "accepted"
    student.open("/book/reading-circle")
    student.sees("1 seat left")
    student.press("Book all 6 sessions")
    student.fill(name="Sera", email="sera@example.com")
    student.press("Book")
    student.at("/bookings/")
    student.sees("Your series")
    booked = student.browser.run("location.pathname")
    student.open("/book/reading-circle")
    student.press("Join the waitlist")
    student.fill(name="Wanda", email="wanda@example.com")
    student.press("Join the waitlist")
    student.at("/waitlist/")
    student.sees("Your place in line")
    place = student.browser.run("location.pathname")
    student.open(booked)
    student.press("Cancel booking")
    student.press("Yes, cancel it")
    student.sees("Your booking is cancelled.")
    student.open(place)
    student.sees("A seat is offered to you")
    student.press("To the seat")
    student.press("Take the seat")
    student.sees("Confirmed")
    student.open("/book/reading-circle")
    student.press("Join the waitlist")
    student.fill(name="Wim", email="wim@example.com")
    student.press("Join the waitlist")
    student.at("/waitlist/")
    student.press("Leave the waitlist")
    student.sees("You are not waiting any more.")


def test_the_link_in_the_mail_opens_the_booking_and_leaves_no_token_in_the_address(
    student: Student, runs: Callable[[str], None]
) -> None:
    student.open("/book/conversation")
    student.picks(day=7)
    student.fill(name="Lena", email="lena@example.com")
    student.press("Book")
    student.at("/bookings/")
    runs("EveryMinute")
    eventually(lambda: mails(student.stack, "lena@example.com"))
    (mail,) = mails(student.stack, "lena@example.com")[:1]
    link = re.findall(r"http://[^\s\"\\<]+/bookings/\w+#manageToken=[\w-]+", mail)[0]
    student.browser.open_tab(zone="Asia/Ho_Chi_Minh", language="vi")
    student.browser.go(link.partition("#")[0])
    student.sees("xin mở liên kết trong email")
    student.browser.open_tab(zone="Asia/Ho_Chi_Minh", language="vi")
    student.browser.go(link)
    student.sees("Đã xác nhận")
    assert "manageToken" not in student.address
    student.browser.go(student.address)
    student.sees("Đã xác nhận")


def test_without_javascript_the_page_says_what_it_needs(student: Student) -> None:
    student.browser.tell("Emulation.setScriptExecutionDisabled", value=True)
    student.open("/book/conversation")
    tree = json.dumps(student.browser.tell("Accessibility.getFullAXTree"))
    assert "This page needs JavaScript to show free times" in tree
    assert "Half an hour of free talk." in tree
    student.browser.tell("Emulation.setScriptExecutionDisabled", value=False)
