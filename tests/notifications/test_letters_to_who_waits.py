"""Who waited for a seat is told when the school calls the session off: 7 December 2026, 15:00 UTC."""

import pytest

from shared.workshops.errors import WaitlistEntryNotFound
from tests.databases import TestDatabase
from tests.notifications.mails import add_waiting, header_of, html_of, made, received, text_of, told_of
from tests.schools import School, make_school

TOPIC, JOINED = "waitlist.closed", "waitlist.joined"


def test_another_schools_waitlist_is_told_to_nobody(database: TestDatabase, school: School) -> None:
    foreign = add_waiting(make_school(database, "lotus"), cancelledAt="2026-12-01")
    with pytest.raises(WaitlistEntryNotFound):
        made(database, school, 0, TOPIC, bookingId=None, waitlistEntryId=foreign)


@pytest.mark.parametrize(
    ("status", "session"),
    [("WAITING", {"cancelledAt": "2026-12-01"}), ("LEFT", {"cancelledAt": "2026-12-01"}), ("CLOSED", {})],
)
def test_who_left_or_whose_session_is_on_is_told_nothing(
    database: TestDatabase, school: School, status: str, session: dict[str, str]
) -> None:
    entry = add_waiting(school, status=status, **session)
    assert made(database, school, 0, TOPIC, bookingId=None, waitlistEntryId=entry) is None


@pytest.mark.parametrize(
    ("locale", "subject", "said"),
    [
        (
            "en",
            "Session cancelled: Conversation, Monday, 7 December 2026, 22:00",
            "Unfortunately Aurora had to cancel the session for which you were on the waiting list.",
        ),
        (
            "vi",
            "Buổi học đã bị hủy: Conversation, Thứ Hai, 7 tháng 12 năm 2026, 22:00",
            "Rất tiếc, Aurora phải hủy buổi học mà bạn đang ở trong danh sách chờ. Mong bạn thông cảm.",
        ),
    ],
)
def test_who_waits_is_told_that_the_session_is_off(
    database: TestDatabase, school: School, locale: str, subject: str, said: str
) -> None:
    entry = add_waiting(school, locale, cancelledAt="2026-12-01")
    mail = received(database, school, 0, TOPIC, bookingId=None, waitlistEntryId=entry)
    assert header_of(mail, "Subject") == subject
    assert said in text_of(mail)
    assert said in html_of(mail)
    assert "token" not in told_of(mail)
    assert list(mail.iter_attachments()) == []


@pytest.mark.parametrize("status", ["OFFERED", "LEFT", "BOOKED", "CLOSED"])
def test_who_waits_no_more_is_not_told_that_they_wait(
    database: TestDatabase, school: School, status: str
) -> None:
    entry = add_waiting(school, status=status)
    assert made(database, school, 0, JOINED, bookingId=None, waitlistEntryId=entry) is None


@pytest.mark.parametrize(
    ("locale", "subject", "said"),
    [
        (
            "en",
            "Waiting list: Conversation, Monday, 7 December 2026, 22:00",
            "You are on the waiting list for this session at Aurora.",
        ),
        (
            "vi",
            "Danh sách chờ: Conversation, Thứ Hai, 7 tháng 12 năm 2026, 22:00",
            "Bạn đã có tên trong danh sách chờ của buổi học này tại Aurora.",
        ),
    ],
)
def test_who_waits_is_told_so_with_a_link_to_their_place(
    database: TestDatabase, school: School, locale: str, subject: str, said: str
) -> None:
    entry = add_waiting(school, locale, status="WAITING")
    mail = received(database, school, 0, JOINED, bookingId=None, waitlistEntryId=entry)
    assert header_of(mail, "Subject") == subject
    assert said in text_of(mail)
    assert f"/waitlist/{entry}#manageToken=a+waiting+token" in text_of(mail)
    assert list(mail.iter_attachments()) == []
