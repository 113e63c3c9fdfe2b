"""What an attendee is told after booking: Monday 7 December 2026, 15:00 UTC, which is 22:00 in Hanoi."""

from typing import Any

import pytest

from tests.databases import TestDatabase
from tests.notifications.mails import (
    add_booking,
    add_child,
    add_row,
    ended,
    header_of,
    html_of,
    received,
    set_status,
    text_of,
    told_of,
)
from tests.schools import School

SPAMS = "Buy at evil.test"
TIME = {"en": "Monday, 7 December 2026, 22:00", "vi": "Thứ Hai, 7 tháng 12 năm 2026, 22:00"}
NEW_TIME = {"en": "Tuesday, 8 December 2026, 22:00", "vi": "Thứ Ba, 8 tháng 12 năm 2026, 22:00"}
LANGUAGES = pytest.mark.parametrize("locale", ["en", "vi"])


def pay(school: School, booking: int, *, amount: int = 1500, currency: str = "eur") -> int:
    return add_row(
        school,
        "Payment",
        bookingId=booking,
        uid=f"payment-{amount}",
        externalId=f"pi-{amount}",
        amount=amount,
        fee=0,
        currency=currency,
        success=True,
        refunded=False,
        data={},
    )


def refund(school: School, booking: int, payment: int, status: str = "PENDING", **values: Any) -> None:
    school.database.rows(
        """INSERT INTO "Refund" ("tenantId", "bookingId", "paymentId", amount, currency, reason, status)
           VALUES (:t, :b, :p, :amount, :currency, 'SCHOOL', :status)""",
        t=school.id,
        b=booking,
        p=payment,
        status=status,
        **{"amount": 1500, "currency": "eur", **values},
    )


def wait_for(school: School, booking: int) -> None:
    """Make the booking the seat that somebody on a waitlist was offered."""
    session = add_row(
        school,
        "WorkshopSession",
        eventTypeId=school.lesson_id,
        sessionNumber=1,
        startTime="2026-12-07 15:00",
        endTime="2026-12-07 15:30",
        seatsTaken=0,
        createdAt="2026-11-22",
        updatedAt="2026-11-22",
    )
    school.database.rows(
        """INSERT INTO "WaitlistEntry" ("tenantId", "sessionId", "bookingId", name, email, "timeZone", token)
           VALUES (:t, :s, :b, 'Mai', 'mai@example.com', 'UTC', 'a waiting token')""",
        t=school.id,
        s=session,
        b=booking,
    )


@pytest.mark.parametrize("reader", ["attendee", "teacher"])
def test_what_a_student_gives_as_reason_is_mailed_to_nobody(
    database: TestDatabase, school: School, reader: str
) -> None:
    booking = add_booking(school)
    school.change("Booking", booking, cancellationReason=SPAMS)
    ended(school, booking, "CANCELLED", "ATTENDEE", SPAMS)
    mail = received(database, school, booking, "booking.cancelled", by="ATTENDEE", to=reader)
    assert "evil.test" not in told_of(mail)


def test_the_schools_reason_is_one_line_and_no_markup(database: TestDatabase, school: School) -> None:
    booking = add_booking(school)
    ended(school, booking, "CANCELLED", "STAFF", "Ill\r\nBcc: x@y.test\n\n<script>alert(1)</script>")
    mail = received(database, school, booking, "booking.cancelled", by="STAFF")
    assert "\nReason: Ill Bcc: x@y.test <script>alert(1)</script>\n" in text_of(mail)
    assert "Reason: Ill Bcc: x@y.test &lt;script&gt;" in html_of(mail)
    assert mail["Bcc"] is None


def test_a_reason_is_told_up_to_a_length(database: TestDatabase, school: School) -> None:
    booking = add_booking(school)
    ended(school, booking, "REJECTED", "STAFF", "x" * 5_000)
    assert len(text_of(received(database, school, booking, "booking.rejected"))) < 1_500


@LANGUAGES
@pytest.mark.parametrize(
    ("topic", "kind"),
    [("booking.cancelled", "CANCELLED"), ("booking.rejected", "REJECTED"), ("booking.expired", "EXPIRED")],
)
def test_what_is_over_has_no_link(
    database: TestDatabase, school: School, locale: str, topic: str, kind: str
) -> None:
    booking = add_booking(school, locale=locale)
    ended(school, booking, kind, "SYSTEM")
    mail = received(database, school, booking, topic)
    assert "http" not in told_of(mail)
    assert "token" not in told_of(mail)


@pytest.mark.parametrize(
    ("locale", "subject", "said"),
    [
        ("en", "Confirmed: Conversation", "Your booking at Aurora is confirmed."),
        ("vi", "Đã xác nhận: Conversation", "Lịch học của bạn tại Aurora đã được xác nhận."),
    ],
)
def test_a_confirmed_request_is_told_with_its_link(
    database: TestDatabase, school: School, locale: str, subject: str, said: str
) -> None:
    mail = received(database, school, add_booking(school, locale=locale), "booking.confirmed")
    assert header_of(mail, "Subject") == f"{subject}, {TIME[locale]}"
    for told in (text_of(mail), html_of(mail)):
        assert said in told
        assert "manageToken=a+token%2B" in told


@pytest.mark.parametrize(
    ("locale", "subject", "said", "reason"),
    [
        ("en", "Declined", "Unfortunately Aurora cannot accept your request.", "Reason: We are closed"),
        (
            "vi",
            "Yêu cầu không được chấp nhận",
            "Rất tiếc, Aurora không thể nhận yêu cầu đặt lịch của bạn.",
            "Lý do: We are closed",
        ),
    ],
)
def test_a_declined_request_is_told_with_the_schools_reason(
    database: TestDatabase, school: School, locale: str, subject: str, said: str, reason: str
) -> None:
    booking = add_booking(school, locale=locale)
    ended(school, booking, "REJECTED", "STAFF", "We are closed")
    mail = received(database, school, booking, "booking.rejected", by="STAFF")
    assert header_of(mail, "Subject") == f"{subject}: Conversation, {TIME[locale]}"
    for told in (text_of(mail), html_of(mail)):
        assert said in told
        assert reason in told


@pytest.mark.parametrize(
    ("locale", "by", "said"),
    [
        ("en", "ATTENDEE", "You have cancelled your booking at Aurora."),
        ("en", "STAFF", "Unfortunately Aurora had to cancel your booking."),
        ("en", "SYSTEM", "Your booking at Aurora has been cancelled."),
        ("vi", "ATTENDEE", "Bạn đã hủy lịch học tại Aurora."),
        ("vi", "STAFF", "Rất tiếc, Aurora phải hủy lịch học của bạn. Mong bạn thông cảm."),
        ("vi", "SYSTEM", "Lịch học của bạn tại Aurora đã được hủy."),
    ],
)
def test_a_cancelled_booking_is_told_with_who_did_it(
    database: TestDatabase, school: School, locale: str, by: str, said: str
) -> None:
    booking = add_booking(school, locale=locale)
    ended(school, booking, "CANCELLED", by)
    mail = received(database, school, booking, "booking.cancelled", by=by)
    assert header_of(mail, "Subject").endswith(f": Conversation, {TIME[locale]}")
    assert said in text_of(mail)
    assert said in html_of(mail)
    assert "refund" not in told_of(mail).lower()
    assert "hoàn" not in told_of(mail)


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "15.00 EUR will be returned to you"),
        ("vi", "15,00 EUR sẽ được hoàn lại cho bạn"),
    ],
)
@pytest.mark.parametrize(
    ("topic", "kind"),
    [("booking.cancelled", "CANCELLED"), ("booking.rejected", "REJECTED"), ("booking.expired", "EXPIRED")],
)
def test_money_that_comes_back_is_told(
    database: TestDatabase, school: School, locale: str, said: str, topic: str, kind: str
) -> None:
    booking = add_booking(school, locale=locale)
    refund(school, booking, pay(school, booking))
    ended(school, booking, kind, "STAFF")
    mail = received(database, school, booking, topic, by="STAFF")
    assert said in text_of(mail)
    assert said in html_of(mail)


def test_money_of_two_payments_comes_back_in_the_currency_of_each(
    database: TestDatabase, school: School
) -> None:
    booking = add_booking(school)
    refund(school, booking, pay(school, booking))
    refund(school, booking, pay(school, booking, amount=250), amount=250)
    dong = pay(school, booking, amount=150_000, currency="vnd")
    refund(school, booking, dong, amount=150_000, currency="vnd")
    ended(school, booking, "CANCELLED", "STAFF")
    mail = received(database, school, booking, "booking.cancelled", by="STAFF")
    assert "17.50 EUR + 150,000 VND will be returned to you" in text_of(mail)


def test_a_refund_that_failed_is_not_promised(database: TestDatabase, school: School) -> None:
    booking = add_booking(school)
    refund(school, booking, pay(school, booking), status="FAILED")
    ended(school, booking, "CANCELLED", "STAFF")
    mail = received(database, school, booking, "booking.cancelled", by="STAFF")
    assert "returned" not in told_of(mail)


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "It was cancelled after the time until which the payment is returned."),
        ("vi", "Lịch được hủy sau thời hạn hoàn tiền nên khoản đã thanh toán không được hoàn lại."),
    ],
)
def test_who_cancels_too_late_is_told_that_nothing_comes_back(
    database: TestDatabase, school: School, locale: str, said: str
) -> None:
    booking = add_booking(school, locale=locale)
    pay(school, booking)
    ended(school, booking, "CANCELLED", "ATTENDEE")
    mail = received(database, school, booking, "booking.cancelled", by="ATTENDEE")
    assert said in text_of(mail)
    assert said in html_of(mail)


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "Unfortunately Aurora did not confirm your request in time, so it has run out."),
        ("vi", "Rất tiếc, Aurora chưa kịp xác nhận yêu cầu của bạn trong thời hạn"),
    ],
)
def test_a_request_that_nobody_confirmed_is_told_to_have_run_out(
    database: TestDatabase, school: School, locale: str, said: str
) -> None:
    booking = add_booking(school, locale=locale)
    ended(school, booking, "EXPIRED", "SYSTEM")
    mail = received(database, school, booking, "booking.expired")
    assert said in text_of(mail)
    assert said in html_of(mail)


@pytest.mark.parametrize(
    ("locale", "subject", "said"),
    [
        ("en", "Seat no longer kept", "You did not accept the seat in time"),
        ("vi", "Đã hết hạn giữ chỗ", "Bạn chưa nhận chỗ trong thời hạn"),
    ],
)
def test_a_seat_that_was_not_taken_is_told_to_be_gone(
    database: TestDatabase, school: School, locale: str, subject: str, said: str
) -> None:
    booking = add_booking(school, locale=locale)
    wait_for(school, booking)
    ended(school, booking, "EXPIRED", "SYSTEM")
    mail = received(database, school, booking, "booking.expired")
    assert header_of(mail, "Subject") == f"{subject}: Conversation, {TIME[locale]}"
    assert said in text_of(mail)
    assert said in html_of(mail)
    assert list(mail.iter_attachments()) == []


@pytest.mark.parametrize(
    ("locale", "subject", "said", "label"),
    [
        (
            "en",
            "A seat is free",
            "A seat that you were waiting for at Aurora is free and is kept for you until "
            "Wednesday, 2 December 2026, 07:00.",
            "See the seat and accept it",
        ),
        (
            "vi",
            "Đã có chỗ trống",
            "Chỗ này được giữ cho bạn đến Thứ Tư, 2 tháng 12 năm 2026, 07:00.",
            "Xem và nhận chỗ",
        ),
    ],
)
def test_an_offered_seat_is_told_with_its_end_and_a_link(
    database: TestDatabase, school: School, locale: str, subject: str, said: str, label: str
) -> None:
    booking = add_booking(school, booking={"holdExpiresAt": "2026-12-02 00:00"}, locale=locale)
    set_status(school, booking, "pending")
    wait_for(school, booking)
    mail = received(database, school, booking, "seat.offered")
    assert header_of(mail, "Subject") == f"{subject}: Conversation, {TIME[locale]}"
    for told in (text_of(mail), html_of(mail)):
        assert said in told
        assert label in told
        assert "/bookings/uid-of-aurora#manageToken=a+token%2B" in told
        assert "waiting token" not in told
    assert list(mail.iter_attachments()) == []


@pytest.mark.parametrize(
    ("locale", "by", "said", "new", "old"),
    [
        ("en", "ATTENDEE", "You have moved your booking at Aurora.", "New time:", "Old time:"),
        ("en", "STAFF", "Aurora has moved your booking.", "New time:", "Old time:"),
        ("en", "SYSTEM", "Your booking at Aurora has been moved.", "New time:", "Old time:"),
        ("vi", "ATTENDEE", "Bạn đã đổi lịch học tại Aurora.", "Thời gian mới:", "Thời gian cũ:"),
        ("vi", "STAFF", "Aurora đã đổi lịch học của bạn.", "Thời gian mới:", "Thời gian cũ:"),
        ("vi", "SYSTEM", "Lịch học của bạn tại Aurora đã được đổi.", "Thời gian mới:", "Thời gian cũ:"),
    ],
)
def test_a_moved_booking_is_told_with_both_times(
    database: TestDatabase, school: School, locale: str, by: str, said: str, new: str, old: str
) -> None:
    booking = add_booking(school, locale=locale)
    child = add_child(school, booking)
    school.database.rows('UPDATE "Attendee" SET locale = :locale', locale=locale)
    mail = received(database, school, child, "booking.rescheduled", previousId=booking, by=by)
    assert header_of(mail, "Subject").endswith(f": Conversation, {NEW_TIME[locale]}")
    assert f"\n{new} {NEW_TIME[locale]}\u201322:30\n{old} {TIME[locale]}\u201322:30\n" in text_of(mail)
    assert said in text_of(mail)
    for part in (said, new, f"{NEW_TIME[locale]}\u201322:30", old, f"{TIME[locale]}\u201322:30"):
        assert part in html_of(mail)


def test_a_moved_bookings_link_is_that_of_the_child(database: TestDatabase, school: School) -> None:
    booking = add_booking(school)
    child = add_child(school, booking)
    told = told_of(received(database, school, child, "booking.rescheduled", previousId=booking))
    assert "/bookings/uid-of-child#manageToken=another+token" in told
    assert "uid-of-aurora" not in told
    assert "a+token" not in told


@pytest.mark.parametrize(
    ("locale", "said"),
    [("en", "Aurora still has to confirm the new time."), ("vi", "Thời gian mới còn chờ Aurora xác nhận.")],
)
def test_a_moved_request_is_still_a_request(
    database: TestDatabase, school: School, locale: str, said: str
) -> None:
    booking = add_booking(school)
    child = add_child(school, booking)
    set_status(school, child, "pending")
    school.database.rows('UPDATE "Attendee" SET locale = :locale', locale=locale)
    mail = received(database, school, child, "booking.rescheduled", previousId=booking)
    assert said in text_of(mail)
    assert said in html_of(mail)


def test_times_on_both_sides_of_a_change_of_clocks_are_told_without_an_offset(
    database: TestDatabase, school: School
) -> None:
    booking = add_booking(
        school,
        booking={"startTime": "2026-10-24 15:00", "endTime": "2026-10-24 15:30"},
        timeZone="Europe/Berlin",
    )
    child = add_child(school, booking)
    school.database.rows('UPDATE "Attendee" SET "timeZone" = \'Europe/Berlin\'')
    text = text_of(received(database, school, child, "booking.rescheduled", previousId=booking))
    assert "New time: Tuesday, 8 December 2026, 16:00" in text
    assert "Old time: Saturday, 24 October 2026, 17:00" in text
    assert "Time zone: Europe/Berlin\n" in text


def test_all_mails_of_a_booking_and_its_moves_are_one_conversation(
    database: TestDatabase, school: School
) -> None:
    booking = add_booking(school)
    first = received(database, school, booking)
    child = add_child(school, booking)
    moved = received(database, school, child, "booking.rescheduled", previousId=booking)
    ended(school, child, "CANCELLED", "STAFF")
    over = received(database, school, child, "booking.cancelled", by="STAFF")
    assert {mail["References"] for mail in (first, moved, over)} == {"<booking-uid-of-aurora@booking.test>"}
    assert len({mail["Message-ID"] for mail in (first, moved, over)}) == 3


def test_an_id_that_a_calendar_wrote_breaks_no_header(database: TestDatabase, school: School) -> None:
    booking = add_booking(school, booking={"iCalUID": "x>\r\nBcc: everybody@example.com\r\n" * 40})
    mail = received(database, school, booking)
    assert mail["Bcc"] is None
    assert len(mail["References"]) < 100
