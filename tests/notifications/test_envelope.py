"""What is put on the envelope arrives as it was written, whatever it was."""

from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from shared.notifications.envelope import Attachment, Letter, Sender, compose, one_line
from tests.notifications.mails import header_of, read

CALENDAR = Attachment(b"BEGIN:VCALENDAR", "calendar", "booking.ics", {"charset": "utf-8"})
LONG_DOMAIN = f"booking.{'x' * 60}.example.com"
WORDS = [
    "Trường",
    "Ngoại",
    "ngữ",
    "Hoa",
    "Sen,",
    "English",
    "(học)",
    "=?utf-8?q?x?=",
    "\r\nBcc: a@b.test",
    "😀",
]
NAMES = some.one_of(some.text(), some.lists(some.sampled_from(WORDS), max_size=40).map(" ".join))


def enveloped(school: str = "Aurora", to: str = "mai@example.com", subject: str = "Booked") -> EmailMessage:
    sender = Sender("bookings@example.com", LONG_DOMAIN)
    letter = Letter(subject, "Xin chào", "<p>Xin chào</p>")
    return compose(
        sender, school, to, letter, CALENDAR, subject_id=f"{'f' * 32}-booking.created", thread_id="f" * 32
    )


@pytest.mark.parametrize(
    "address", ["", "mai", "mai@example.com, eve@example.com", "mai@example.com\nBcc: eve@example.com"]
)
def test_what_is_not_one_address_gets_no_mail(address: str) -> None:
    with pytest.raises(ValueError, match="not an e-mail address"):
        enveloped(to=address)


@pytest.mark.parametrize(
    ("reply_to", "told"),
    [(None, None), ("hello@aurora.test", "hello@aurora.test"), ("a@b.test\nBcc: c@d.test", None)],
)
def test_answers_go_where_the_school_says(reply_to: str | None, told: str | None) -> None:
    sender = Sender("bookings@example.com", LONG_DOMAIN, reply_to=reply_to)
    letter = Letter("Booked", "Xin chào", "<p>Xin chào</p>")
    mail = compose(sender, "Aurora", "mai@example.com", letter, None, subject_id="a", thread_id="a")
    assert mail["Reply-To"] == told


@given(school=NAMES, subject=NAMES)
@example(
    school="Sen Trường Đã Đã English Hai Đã lịch Hoa", subject="Thứ Sen Hoa ngữ lịch Đã Hoa lịch ngữ lịch đặt"
)
def test_any_text_stays_in_its_header(school: str, subject: str) -> None:
    raw = enveloped(school, subject=subject).as_bytes()
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    mail = read(raw)
    assert mail["Bcc"] is None
    assert [address.addr_spec for address in mail["From"].addresses] == ["bookings@example.com"]
    assert header_of(mail, "Subject") == one_line(subject)


def test_a_long_address_and_long_ids_are_not_broken() -> None:
    to = f"{'m' * 64}@{'x' * 60}.{'y' * 60}.example.com"
    raw = enveloped(to=to).as_bytes()
    assert f"\r\nTo: <{to}>\r\n".encode() in raw
    assert f"\r\nMessage-ID: <booking-{'f' * 32}-booking.created@{LONG_DOMAIN}>\r\n".encode() in raw


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Trường Ngoại ngữ Hoa Sen", "Trường Ngoại ngữ Hoa Sen <bookings@example.com>"),
        ('"Bank" <help@bank.test>, Aurora', "Bank help bank.test Aurora <bookings@example.com>"),
        ("\u202eknaB", "knaB <bookings@example.com>"),
    ],
)
def test_a_school_is_shown_by_its_name_and_by_no_other_address(name: str, shown: str) -> None:
    assert header_of(read(enveloped(name).as_bytes()), "From") == shown
