"""What a teacher in New York is told, where Monday 7 December 2026, 15:00 UTC, is 10:00."""

import pytest

from tests.databases import TestDatabase
from tests.notifications.mails import (
    add_booking,
    add_child,
    calendar_of,
    ended,
    events_of,
    header_of,
    html_of,
    received,
    set_status,
    text_of,
    told_of,
)
from tests.schools import School

TIME = {"en": "Monday, 7 December 2026, 10:00", "vi": "Thứ Hai, 7 tháng 12 năm 2026, 10:00"}
NEW_TIME = {"en": "Tuesday, 8 December 2026, 10:00", "vi": "Thứ Ba, 8 tháng 12 năm 2026, 10:00"}


@pytest.mark.parametrize("name", ["Win at evil.test", "http://evil.test", "Call 555 1234"])
def test_what_may_be_an_advertisement_is_no_students_name(
    database: TestDatabase, school: School, name: str
) -> None:
    mail = received(database, school, add_booking(school, name=name), to="teacher")
    assert "A student has booked with you at Aurora." in text_of(mail)
    assert name not in told_of(mail)


def test_the_students_notes_address_and_token_stay_out(database: TestDatabase, school: School) -> None:
    told = told_of(received(database, school, add_booking(school), to="teacher"))
    for secret in ("evil.test", "mai@example.com", "token", "http"):
        assert secret not in told


def test_money_is_no_business_of_the_teachers(database: TestDatabase, school: School) -> None:
    booking = add_booking(school)
    school.database.rows(
        """INSERT INTO "Payment" ("tenantId", "bookingId", uid, "externalId", amount, fee, currency, success,
                                  refunded, data)
           VALUES (:t, :b, 'p', 'pi', 1500, 0, 'eur', true, false, '{}')""",
        t=school.id,
        b=booking,
    )
    school.database.rows(
        """INSERT INTO "Refund" ("tenantId", "bookingId", "paymentId", amount, currency, reason)
           SELECT "tenantId", "bookingId", id, amount, currency, 'SCHOOL' FROM "Payment" """
    )
    ended(school, booking, "CANCELLED", "STAFF")
    told = told_of(received(database, school, booking, "booking.cancelled", to="teacher", by="STAFF"))
    assert "EUR" not in told


@pytest.mark.parametrize(
    ("locale", "news", "subject", "said"),
    [
        ("en", ("booking.created", "accepted", "ATTENDEE"), "New booking",
         "Mai Nguyễn has booked with you at Aurora."),
        ("vi", ("booking.created", "accepted", "ATTENDEE"), "Lịch mới",
         "Học viên Mai Nguyễn đã đặt lịch học với thầy/cô tại Aurora."),
        ("en", ("booking.created", "pending", "ATTENDEE"), "New request",
         "Please confirm or decline the request."),
        ("vi", ("booking.created", "pending", "ATTENDEE"), "Yêu cầu mới",
         "Xin thầy/cô xác nhận hoặc từ chối yêu cầu."),
        ("en", ("booking.confirmed", "accepted", "STAFF"), "Confirmed",
         "The booking of Mai Nguyễn with you at Aurora is confirmed."),
        ("vi", ("booking.confirmed", "accepted", "STAFF"), "Đã xác nhận",
         "Lịch học của học viên Mai Nguyễn với thầy/cô tại Aurora đã được xác nhận."),
        ("en", ("booking.rejected", "rejected", "STAFF"), "Declined",
         "The request of Mai Nguyễn was declined."),
        ("vi", ("booking.rejected", "rejected", "STAFF"), "Đã từ chối yêu cầu",
         "Yêu cầu của học viên Mai Nguyễn đã được từ chối."),
        ("en", ("booking.cancelled", "cancelled", "ATTENDEE"), "Cancelled",
         "Mai Nguyễn has cancelled the booking with you at Aurora."),
        ("vi", ("booking.cancelled", "cancelled", "ATTENDEE"), "Đã hủy lịch",
         "Học viên Mai Nguyễn đã hủy lịch học với thầy/cô tại Aurora."),
        ("en", ("booking.cancelled", "cancelled", "STAFF"), "Cancelled",
         "Aurora has cancelled the booking of Mai Nguyễn."),
        ("vi", ("booking.cancelled", "cancelled", "STAFF"), "Đã hủy lịch",
         "Aurora đã hủy lịch học của học viên Mai Nguyễn."),
        ("en", ("booking.expired", "cancelled", "SYSTEM"), "Request not confirmed",
         "The request of Mai Nguyễn was not confirmed in time and has run out."),
        ("vi", ("booking.expired", "cancelled", "SYSTEM"), "Yêu cầu đã hết hạn",
         "Yêu cầu của học viên Mai Nguyễn chưa được xác nhận trong thời hạn nên đã hết hiệu lực."),
    ],
)  # fmt: skip
def test_a_teacher_is_told_in_their_language_and_on_their_clock(
    database: TestDatabase,
    school: School,
    locale: str,
    news: tuple[str, str, str],
    subject: str,
    said: str,
) -> None:
    topic, status, by = news
    school.change("users", school.teacher_id, locale=locale)
    booking = add_booking(school, locale="en" if locale == "vi" else "vi")
    set_status(school, booking, status)
    mail = received(database, school, booking, topic, to="teacher", by=by)
    assert str(mail["To"]) == "teacher1@aurora.test"
    assert header_of(mail, "Subject") == f"{subject}: Conversation, {TIME[locale]}"
    greeting = {"en": "Hello Teacher 1,", "vi": "Kính gửi thầy/cô Teacher 1,"}[locale]
    for told in (text_of(mail), html_of(mail)):
        for part in (greeting, said, f"{TIME[locale]}\u201310:30", "America/New_York, UTC-05:00"):
            assert part in told


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "Mai Nguyễn has moved the booking with you at Aurora."),
        ("vi", "Học viên Mai Nguyễn đã đổi lịch học với thầy/cô tại Aurora."),
    ],
)
def test_a_moved_booking_is_told_with_both_times(
    database: TestDatabase, school: School, locale: str, said: str
) -> None:
    school.change("users", school.teacher_id, locale=locale)
    booking = add_booking(school)
    child = add_child(school, booking)
    mail = received(
        database, school, child, "booking.rescheduled", to="teacher", by="ATTENDEE", previousId=booking
    )
    for told in (text_of(mail), html_of(mail)):
        for part in (said, TIME[locale], NEW_TIME[locale]):
            assert part in told
    assert [str(event["UID"]) for event in events_of(mail)] == ["uid-of-aurora@booking"]


def test_a_booking_that_moves_to_another_teacher_is_new_to_that_one(
    database: TestDatabase, school: School
) -> None:
    booking = add_booking(school)
    child = add_child(school, booking, userId=school.add_teacher())
    mail = received(database, school, child, "booking.rescheduled", to="teacher", previousId=booking)
    assert str(mail["To"]) == "teacher2@aurora.test"
    assert header_of(mail, "Subject") == f"New booking: Conversation, {NEW_TIME['en']}"
    assert TIME["en"] not in text_of(mail)


def test_the_teacher_whom_it_left_is_told_that_it_is_cancelled(
    database: TestDatabase, school: School
) -> None:
    booking = add_booking(school)
    add_child(school, booking, userId=school.add_teacher())
    mail = received(database, school, booking, "booking.cancelled", to="teacher", by="STAFF")
    assert str(mail["To"]) == "teacher1@aurora.test"
    assert header_of(mail, "Subject") == f"Cancelled: Conversation, {TIME['en']}"
    assert calendar_of(mail).get_param("method") == "CANCEL"


def test_a_session_is_not_put_into_the_teachers_calendar_once_for_each_seat(
    database: TestDatabase, school: School
) -> None:
    booking = add_booking(school)
    school.database.rows(
        """INSERT INTO "WorkshopSession" ("tenantId", "eventTypeId", "sessionNumber", "startTime", "endTime")
           VALUES (:t, :e, 1, '2026-12-07 15:00', '2026-12-07 15:30')""",
        t=school.id,
        e=school.lesson_id,
    )
    school.change("Booking", booking, workshopSessionNumber=1)
    to_teacher = received(database, school, booking, to="teacher")
    assert list(to_teacher.iter_attachments()) == []
    assert "calendar" not in told_of(to_teacher)
    assert len(events_of(received(database, school, booking))) == 1


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "Please confirm or decline the request; it runs out on Monday, 7 December 2026, 10:00."),
        ("vi", "Xin thầy/cô xác nhận hoặc từ chối yêu cầu trước Thứ Hai, 7 tháng 12 năm 2026, 10:00."),
    ],
)
def test_a_teacher_is_told_until_when_a_request_waits(
    database: TestDatabase, school: School, locale: str, said: str
) -> None:
    school.change("users", school.teacher_id, locale=locale)
    booking = add_booking(school, booking={"holdExpiresAt": "2026-12-07 15:00"})
    set_status(school, booking, "pending")
    mail = received(database, school, booking, to="teacher")
    assert said in text_of(mail)
    assert said in html_of(mail)


def test_a_teacher_reads_the_schools_reason(database: TestDatabase, school: School) -> None:
    booking = add_booking(school)
    ended(school, booking, "CANCELLED", "STAFF", "A holiday")
    mail = received(database, school, booking, "booking.cancelled", to="teacher", by="STAFF")
    assert "Reason: A holiday" in text_of(mail)
    assert "Reason: A holiday" in html_of(mail)
