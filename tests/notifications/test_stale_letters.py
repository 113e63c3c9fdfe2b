"""What is not true any more is told to nobody. It is Tuesday 1 December 2026, 12:00 UTC."""

import pytest

from shared.bookings.errors import BookingNotFound
from tests.databases import TestDatabase
from tests.notifications.mails import add_booking, add_child, add_row, ended, happened, made, set_status
from tests.schools import School, make_school

OVER = ["cancelled", "rejected"]
LIVE = ["accepted", "pending", "awaiting_host"]


@pytest.mark.parametrize("reader", ["attendee", "teacher"])
@pytest.mark.parametrize(
    ("topic", "status"),
    [
        *(("booking.created", status) for status in OVER),
        *(("booking.confirmed", status) for status in [*OVER, "pending", "awaiting_host"]),
        *(("booking.rejected", status) for status in [*LIVE, "cancelled"]),
        *(("booking.cancelled", status) for status in [*LIVE, "rejected"]),
        *(("booking.expired", status) for status in [*LIVE, "rejected"]),
        *(("booking.rescheduled", status) for status in OVER),
    ],
)
def test_a_booking_that_became_something_else_is_not_told_so(
    database: TestDatabase, school: School, reader: str, topic: str, status: str
) -> None:
    booking = add_booking(school)
    set_status(school, booking, status)
    assert made(database, school, booking, topic, to=reader) is None


@pytest.mark.parametrize("status", ["accepted", "cancelled", "rejected"])
def test_a_seat_that_was_taken_or_given_up_is_not_offered(
    database: TestDatabase, school: School, status: str
) -> None:
    booking = add_booking(school)
    set_status(school, booking, status)
    assert made(database, school, booking, "seat.offered") is None


@pytest.mark.parametrize(
    ("held_until", "is_told"), [("2026-12-01 12:00:00", False), ("2026-12-01 12:00:01", True)]
)
def test_an_offer_is_told_while_it_can_be_accepted(
    database: TestDatabase, school: School, held_until: str, is_told: bool
) -> None:
    booking = add_booking(school, booking={"holdExpiresAt": held_until})
    set_status(school, booking, "pending")
    assert (made(database, school, booking, "seat.offered") is not None) is is_told


@pytest.mark.parametrize("reader", ["attendee", "teacher"])
def test_a_request_that_was_confirmed_meanwhile_is_told_once(
    database: TestDatabase, school: School, reader: str
) -> None:
    booking = add_booking(school)
    happened(school, booking, "CONFIRMED", "STAFF")
    assert made(database, school, booking, "booking.created", to=reader) is None
    assert made(database, school, booking, "booking.confirmed", to=reader) is not None


def test_a_booking_that_was_moved_meanwhile_is_told_by_the_move_alone(
    database: TestDatabase, school: School
) -> None:
    old = add_booking(school)
    child = add_child(school, old)
    assert made(database, school, old, "booking.created") is None
    assert made(database, school, child, "booking.rescheduled", previousId=old) is not None


def test_a_cancelled_booking_is_told_so_however_late(database: TestDatabase, school: School) -> None:
    booking = add_booking(school, booking={"startTime": "2026-11-02 15:00", "endTime": "2026-11-02 15:30"})
    ended(school, booking, "CANCELLED", "STAFF")
    assert made(database, school, booking, "booking.cancelled", by="STAFF") is not None


def test_of_a_series_only_what_is_still_on_is_told(database: TestDatabase, school: School) -> None:
    first, second = (add_booking(school, booking={"uid": f"uid-{n}", "userId": None}) for n in (1, 2))
    set_status(school, first, "cancelled")
    told = made(database, school, first, bookingId=None, bookingIds=[first, second])
    assert told is not None
    assert "uid-2" in str(told)
    assert "uid-1" not in str(told)


def test_a_move_from_another_schools_booking_is_told_to_nobody(
    database: TestDatabase, school: School
) -> None:
    foreign = add_booking(make_school(database, "lotus"))
    with pytest.raises(BookingNotFound):
        made(database, school, add_booking(school), "booking.rescheduled", previousId=foreign)


@pytest.mark.parametrize("address", ["", "nobody", "tess@school.test, eve@evil.test"])
def test_a_teacher_without_an_address_is_told_nothing(
    database: TestDatabase, school: School, address: str
) -> None:
    school.change("users", school.teacher_id, email=address)
    assert made(database, school, add_booking(school), to="teacher") is None


def test_of_a_booking_without_a_teacher_no_teacher_is_told(database: TestDatabase, school: School) -> None:
    assert made(database, school, add_booking(school, booking={"userId": None}), to="teacher") is None


def test_where_nobody_comes_nobody_is_told(database: TestDatabase, school: School) -> None:
    booking = add_row(
        school,
        "Booking",
        uid="empty",
        title="Conversation",
        startTime="2026-12-07 15:00",
        endTime="2026-12-07 15:30",
        iCalUID="",
    )
    assert made(database, school, booking) is None
