"""One letter for all sessions of a workshop that were booked at once: Mondays, 15:00 UTC, from 7 December."""

import pytest
from icalendar import Calendar

from shared.bookings.errors import BookingNotFound
from tests.databases import TestDatabase
from tests.notifications.mails import (
    add_booking,
    calendar_of,
    ended,
    events_of,
    header_of,
    html_of,
    made,
    received,
    set_status,
    text_of,
    told_of,
)
from tests.schools import School, make_school


def add_series(school: School, count: int = 3, **attendee: str) -> list[int]:
    return [
        add_booking(
            school,
            booking={
                "uid": f"uid-{number}",
                "iCalUID": f"uid-{number}",
                "manageToken": f"token-{number}",
                "recurringEventId": "the-series",
                "userId": None,
                "startTime": f"2026-12-{7 * number:02} 15:00",
                "endTime": f"2026-12-{7 * number:02} 15:30",
            },
            **attendee,
        )
        for number in range(1, count + 1)
    ]


def told_at_once(
    database: TestDatabase, school: School, bookings: list[int], to: str = "attendee"
) -> tuple[str, str, str]:
    """Subject, text and HTML."""
    mail = received(database, school, bookings[0], bookingId=None, bookingIds=bookings, to=to)
    return header_of(mail, "Subject"), text_of(mail), html_of(mail)


def test_a_series_with_another_schools_booking_is_told_to_nobody(
    database: TestDatabase, school: School
) -> None:
    foreign = add_booking(make_school(database, "lotus"))
    with pytest.raises(BookingNotFound):
        made(database, school, foreign, bookingId=None, bookingIds=[*add_series(school), foreign])


def test_nobody_is_shown_the_link_of_somebody_else(database: TestDatabase, school: School) -> None:
    mine, other = add_series(school, 2)
    school.database.rows('UPDATE "Attendee" SET email = \'eve@example.com\' WHERE "bookingId" = :b', b=other)
    mail = received(database, school, mine, bookingId=None, bookingIds=[mine, other])
    assert "token-1" in told_of(mail)
    assert "token-2" not in told_of(mail)
    assert [str(event["UID"]) for event in events_of(mail)] == ["uid-1@booking"]


def test_a_series_that_is_off_is_told_to_nobody(database: TestDatabase, school: School) -> None:
    bookings = add_series(school)
    for booking in bookings:
        set_status(school, booking, "cancelled")
    assert made(database, school, bookings[0], bookingId=None, bookingIds=bookings) is None


@pytest.mark.parametrize(
    ("locale", "subject", "said", "times"),
    [
        (
            "en",
            "Booked: Conversation, 3 sessions",
            "Your bookings at Aurora are confirmed.",
            [f"Monday, {day} December 2026, 22:00\u201322:30" for day in (7, 14, 21)],
        ),
        (
            "vi",
            "Đã đặt lịch: Conversation, 3 buổi",
            "Các buổi học của bạn tại Aurora đã được xác nhận.",
            [f"Thứ Hai, {day} tháng 12 năm 2026, 22:00\u201322:30" for day in (7, 14, 21)],
        ),
    ],
)
def test_all_sessions_are_told_in_one_letter_each_with_its_link(
    database: TestDatabase, school: School, locale: str, subject: str, said: str, times: list[str]
) -> None:
    told, text, html = told_at_once(database, school, add_series(school, locale=locale))
    assert told == subject
    assert said in text
    assert said in html
    for number, time in enumerate(times, start=1):
        link = f"https://aurora.booking.test/bookings/uid-{number}#manageToken=token-{number}"
        assert f"\n{time}\n{link}\n" in text
        assert f'<a href="{link}" style="color:#1d4ed8">{time}</a>' in html


@pytest.mark.parametrize(
    ("locale", "subject", "said"),
    [
        ("en", "Requested: Conversation, 3 sessions", "tell you whether the times suit."),
        ("vi", "Đã nhận yêu cầu đặt lịch: Conversation, 3 buổi", "các thời gian này có phù hợp hay không."),
    ],
)
def test_a_requested_series_is_not_called_booked(
    database: TestDatabase, school: School, locale: str, subject: str, said: str
) -> None:
    bookings = add_series(school, locale=locale)
    for booking in bookings:
        set_status(school, booking, "pending")
    told, text, html = told_at_once(database, school, bookings)
    assert told == subject
    assert said in text
    assert said in html


def test_one_calendar_file_holds_all_of_them(database: TestDatabase, school: School) -> None:
    bookings = add_series(school)
    mail = received(database, school, bookings[0], bookingId=None, bookingIds=bookings)
    assert calendar_of(mail).get_param("method") == "PUBLISH"
    assert Calendar.from_ical(calendar_of(mail).get_content())["METHOD"] == "PUBLISH"
    events = events_of(mail)
    assert [str(event["UID"]) for event in events] == [f"uid-{n}@booking" for n in (1, 2, 3)]
    assert [event.decoded("DTSTART").day for event in events] == [7, 14, 21]
    assert all("ATTENDEE" not in event and "ORGANIZER" in event for event in events)


def test_what_becomes_of_one_session_is_told_in_the_same_conversation(
    database: TestDatabase, school: School
) -> None:
    bookings = add_series(school)
    booked = received(database, school, bookings[0], bookingId=None, bookingIds=bookings)
    ended(school, bookings[1], "CANCELLED", "ATTENDEE")
    over = received(database, school, bookings[1], "booking.cancelled", by="ATTENDEE")
    assert booked["References"] == over["References"] == "<booking-the-series@booking.test>"
    assert [str(event["UID"]) for event in events_of(over)] == ["uid-2@booking"]
    assert "14 December" in text_of(over)
    assert "token-" not in told_of(over)


def test_a_series_across_a_change_of_clocks_is_told_without_an_offset(
    database: TestDatabase, school: School
) -> None:
    before, after = add_series(school, 2, timeZone="Europe/Berlin")
    school.change("Booking", before, startTime="2026-10-19 15:00", endTime="2026-10-19 15:30")
    _, text, _ = told_at_once(database, school, [before, after])
    assert "Monday, 19 October 2026, 17:00" in text
    assert "Monday, 14 December 2026, 16:00" in text
    assert "Time zone: Europe/Berlin\n" in text


def test_its_teacher_is_told_of_all_sessions_without_a_link(database: TestDatabase, school: School) -> None:
    bookings = add_series(school)
    for booking in bookings:
        school.change("Booking", booking, userId=school.teacher_id)
    subject, text, html = told_at_once(database, school, bookings, to="teacher")
    assert subject == "New booking: Conversation, 3 sessions"
    for day in (7, 14, 21):
        assert f"Monday, {day} December 2026, 10:00\u201310:30" in text
    assert "token" not in text + html
