"""A new booking, on Monday 7 December 2026, 15:00 UTC: 22:00 in Hanoi, 10:00 in New York."""

import pytest

from shared.bookings.errors import BookingNotFound
from shared.notifications.names import greeted_name
from shared.notifications.write_letter import AddressNotUsable
from tests.databases import TestDatabase
from tests.notifications.mails import add_booking, calendar_of, header_of, html_of, made, received, text_of
from tests.schools import School, make_school

BREAKS = ["\r\n", "\n", "\r", "\u2028", "\x0b"]


def test_another_schools_booking_is_told_of_to_nobody(database: TestDatabase, school: School) -> None:
    foreign = add_booking(make_school(database, "lotus"))
    with pytest.raises(BookingNotFound):
        made(database, school, foreign)


def test_a_booking_that_is_not_there_is_told_of_to_nobody(database: TestDatabase, school: School) -> None:
    with pytest.raises(BookingNotFound):
        made(database, school, 4711)


@pytest.mark.parametrize("status", ["cancelled", "rejected"])
def test_what_was_called_off_meanwhile_is_not_confirmed(
    database: TestDatabase, school: School, status: str
) -> None:
    booking = add_booking(school)
    database.rows('UPDATE "Booking" SET status = CAST(:s AS "BookingStatus")', s=status)
    assert made(database, school, booking) is None


@pytest.mark.parametrize("line_break", BREAKS)
def test_no_name_can_break_out_of_a_header(database: TestDatabase, school: School, line_break: str) -> None:
    evil = f"Evil{line_break}Bcc: everybody@example.com{line_break}{line_break}Body"
    booking = add_booking(school, name=evil)
    school.change("Tenant", school.id, name=evil)
    school.change("EventType", school.lesson_id, title=evil)
    school.change("users", school.teacher_id, name=evil)
    mail = received(database, school, booking)
    assert mail["Bcc"] is None
    assert [address.addr_spec for address in mail["To"].addresses] == ["mai@example.com"]
    assert sorted(mail.keys()) == [
        "Auto-Submitted", "Content-Type", "From", "MIME-Version", "Message-ID", "References", "Subject", "To",
    ]  # fmt: skip


def test_an_address_cannot_become_two(database: TestDatabase, school: School) -> None:
    booking = add_booking(school, email="mai@example.com\r\nBcc: everybody@example.com")
    with pytest.raises(AddressNotUsable):
        made(database, school, booking)


def test_a_school_cannot_pose_as_another_address(database: TestDatabase, school: School) -> None:
    booking = add_booking(school)
    school.change("Tenant", school.id, name='"Bank" <help@bank.test>, Aurora')
    (sender,) = received(database, school, booking)["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Bank help bank.test Aurora", "bookings@example.com")


def test_what_people_call_things_is_no_markup(database: TestDatabase, school: School) -> None:
    booking = add_booking(school)
    school.change("Tenant", school.id, name="<script>alert(1)</script>")
    school.change("EventType", school.lesson_id, title='"><img src=x onerror=alert(1)>')
    html = html_of(received(database, school, booking))
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    "name", ["Win at evil.test", "http://evil.test", "Call 555 1234", "@evil", "x" * 61, "Buy!"]
)
def test_what_may_be_an_advertisement_is_not_greeted(
    database: TestDatabase, school: School, name: str
) -> None:
    mail = received(database, school, add_booking(school, name=name))
    assert "Hello,\n" in text_of(mail)
    assert name not in str(mail["Subject"]) + text_of(mail) + html_of(mail)


@pytest.mark.parametrize(
    "name", ["Mai Nguyễn", "J. R. O'Neill-Smith", "अनिता", "李小龙", "Mai Nguye\u0302\u0303n"]
)
def test_names_of_all_writings_are_greeted(name: str) -> None:
    assert greeted_name(name) == name


def test_notes_stay_out_of_the_letter(database: TestDatabase, school: School) -> None:
    mail = received(database, school, add_booking(school))
    assert "evil.test" not in str(mail["Subject"]) + text_of(mail) + html_of(mail)


def test_a_booking_without_a_token_has_no_link(database: TestDatabase, school: School) -> None:
    booking = add_booking(school)
    school.change("Booking", booking, manageToken=None)
    mail = received(database, school, booking)
    assert "https://" not in text_of(mail)
    assert "<a " not in html_of(mail)


@pytest.mark.parametrize("locale", ["vi", "vi-VN"])
def test_a_vietnamese_reader_is_told_in_vietnamese(
    database: TestDatabase, school: School, locale: str
) -> None:
    mail = received(database, school, add_booking(school, locale=locale))
    assert mail["Subject"] == "Đã đặt lịch: Conversation, Thứ Hai, 7 tháng 12 năm 2026, 22:00"
    for told in (text_of(mail), html_of(mail)):
        assert "Xin chào Mai Nguyễn," in told
        assert "Thứ Hai, 7 tháng 12 năm 2026, 22:00\u201322:30" in told
        assert "Múi giờ: Asia/Ho_Chi_Minh, UTC+07:00" in told
    assert '<html lang="vi">' in html_of(mail)


@pytest.mark.parametrize("locale", ["en", "fr", None])
def test_everybody_else_is_told_in_english(
    database: TestDatabase, school: School, locale: str | None
) -> None:
    mail = received(database, school, add_booking(school, locale=locale, timeZone="America/New_York"))
    assert mail["Subject"] == "Booked: Conversation, Monday, 7 December 2026, 10:00"
    for told in (text_of(mail), html_of(mail)):
        assert "Hello Mai Nguyễn," in told
        assert "Monday, 7 December 2026, 10:00\u201310:30" in told
        assert "Time zone: America/New_York, UTC-05:00" in told
        assert "with Teacher 1" in told


def test_in_a_zone_that_nobody_knows_it_is_told_in_utc(database: TestDatabase, school: School) -> None:
    mail = received(database, school, add_booking(school, timeZone="Mars/Olympus"))
    assert "Monday, 7 December 2026, 15:00\u201315:30\nTime zone: UTC\n" in text_of(mail)


@pytest.mark.parametrize(
    ("locale", "subject"),
    [("en", "Requested: Conversation"), ("vi", "Đã nhận yêu cầu đặt lịch: Conversation")],
)
def test_a_request_is_not_called_a_booking(
    database: TestDatabase, school: School, locale: str, subject: str
) -> None:
    booking = add_booking(school, locale=locale)
    school.change("Booking", booking, status="pending")
    mail = received(database, school, booking)
    assert str(mail["Subject"]).startswith(subject)
    assert "confirmed" not in text_of(mail) + html_of(mail)
    assert "đã được xác nhận" not in text_of(mail) + html_of(mail)


def test_the_link_leads_to_the_school_and_carries_the_token(database: TestDatabase, school: School) -> None:
    mail = received(database, school, add_booking(school))
    link = "https://aurora.booking.test/bookings/uid-of-aurora#manageToken=a+token%2B"
    assert link in text_of(mail)
    assert f'<a href="{link}" ' in html_of(mail)


def test_the_link_leads_to_the_schools_own_domain_where_it_has_one(
    database: TestDatabase, school: School
) -> None:
    booking = add_booking(school)
    school.change("Tenant", school.id, customDomain="lessons.aurora.test")
    assert "https://lessons.aurora.test/bookings/" in text_of(received(database, school, booking))


def test_the_calendar_file_comes_along(database: TestDatabase, school: School) -> None:
    calendar = calendar_of(received(database, school, add_booking(school)))
    assert calendar.get_content_type() == "text/calendar"
    assert (calendar.get_param("method"), calendar.get_filename()) == ("REQUEST", "booking.ics")
    assert "DTSTART:20261207T150000Z" in calendar.get_content()


def test_the_school_writes_and_says_that_a_machine_does(database: TestDatabase, school: School) -> None:
    school.change("Tenant", school.id, name="Trường Ngoại ngữ Hoa Sen")
    mail = received(database, school, add_booking(school))
    assert header_of(mail, "From") == "Trường Ngoại ngữ Hoa Sen <bookings@example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"


def test_told_twice_it_carries_the_same_ids(database: TestDatabase, school: School) -> None:
    booking = add_booking(school)
    first, second = (received(database, school, booking) for _ in range(2))
    assert first["Message-ID"] == "<booking-uid-of-aurora-booking.created-attendee@booking.test>"
    assert first["References"] == "<booking-uid-of-aurora@booking.test>"
    assert [first[name] for name in ("Message-ID", "References")] == [
        second[name] for name in ("Message-ID", "References")
    ]


def test_a_long_subject_arrives_as_it_was_written(database: TestDatabase, school: School) -> None:
    booking = add_booking(school, locale="vi")
    title = "Đàm thoại buổi tối " * 10
    school.change("EventType", school.lesson_id, title=title)
    subject = header_of(received(database, school, booking), "Subject")
    assert subject == f"Đã đặt lịch: {title.strip()}, Thứ Hai, 7 tháng 12 năm 2026, 22:00"
