"""What mails do to calendars (RFC 5546): put an event there, move it, and take it away."""

from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from icalendar import Calendar

from tests.databases import TestDatabase
from tests.functions import Api
from tests.notifications.mails import (
    add_booking,
    add_child,
    calendar_of,
    ended,
    events_of,
    happened,
    received,
    set_status,
)
from tests.schools import School


def only_event(mail: EmailMessage) -> Any:
    (event,) = events_of(mail)
    return event


def method_of(mail: EmailMessage) -> tuple[str, str]:
    """As the part's header has it, and the file."""
    part = calendar_of(mail)
    return str(part.get_param("method")), str(Calendar.from_ical(part.get_content())["METHOD"])


def test_what_whoever_booked_wrote_goes_into_no_calendar(database: TestDatabase, school: School) -> None:
    mail = received(database, school, add_booking(school, name="Mai\r\nBEGIN:VALARM"))
    assert "evil.test" not in calendar_of(mail).get_content()
    assert "VALARM" not in calendar_of(mail).get_content()


@pytest.mark.parametrize("title", ["A\r\nBEGIN:VALARM\r\nTRIGGER:-PT1M", "A\rBEGIN:VALARM", "A\u2028B;C,D\\"])
def test_no_title_breaks_out_of_the_file(database: TestDatabase, school: School, title: str) -> None:
    school.change("EventType", school.lesson_id, title=title)
    school.change("Tenant", school.id, name='Evil";X=Y:mailto:eve@evil.test\r\nATTENDEE:x')
    event = only_event(received(database, school, add_booking(school)))
    assert event.subcomponents == []
    assert str(event["SUMMARY"]) == " ".join(title.split())
    assert str(event["ORGANIZER"]) == "mailto:bookings@example.com"
    assert str(event["ATTENDEE"]) == "mailto:mai@example.com"


def test_a_booking_is_an_invitation_that_asks_for_no_answer(database: TestDatabase, school: School) -> None:
    mail = received(database, school, add_booking(school))
    event = only_event(mail)
    assert method_of(mail) == ("REQUEST", "REQUEST")
    assert str(event["UID"]) == "uid-of-aurora@booking"
    assert (str(event["STATUS"]), event["SEQUENCE"]) == ("CONFIRMED", 0)
    assert event.decoded("DTSTART") == datetime(2026, 12, 7, 15, 0, tzinfo=UTC)
    assert event.decoded("DTEND") == datetime(2026, 12, 7, 15, 30, tzinfo=UTC)
    assert str(event["ORGANIZER"]) == "mailto:bookings@example.com"
    assert event["ORGANIZER"].params["CN"] == "Aurora"
    assert str(event["ATTENDEE"]) == "mailto:mai@example.com"
    assert (event["ATTENDEE"].params["PARTSTAT"], event["ATTENDEE"].params["RSVP"]) == ("ACCEPTED", "FALSE")


def test_a_request_stands_there_as_tentative_until_it_is_confirmed(
    database: TestDatabase, school: School
) -> None:
    booking = add_booking(school)
    set_status(school, booking, "pending")
    asked = only_event(received(database, school, booking))
    set_status(school, booking, "accepted")
    happened(school, booking, "CONFIRMED", "STAFF")
    confirmed = only_event(received(database, school, booking, "booking.confirmed"))
    assert (str(asked["STATUS"]), str(confirmed["STATUS"])) == ("TENTATIVE", "CONFIRMED")
    assert asked["UID"] == confirmed["UID"]
    assert asked.decoded("DTSTAMP") < confirmed.decoded("DTSTAMP")


@pytest.mark.parametrize("reader", ["attendee", "teacher"])
def test_a_moved_booking_is_the_same_event_at_another_time(
    database: TestDatabase, school: School, reader: str
) -> None:
    booking = add_booking(school, booking={"iCalUID": "uid-of-aurora"})
    before = received(database, school, booking, to=reader)
    child = add_child(school, booking)
    after = received(database, school, child, "booking.rescheduled", to=reader, previousId=booking)
    old, new = only_event(before), only_event(after)
    assert method_of(after) == ("REQUEST", "REQUEST")
    assert (old["UID"], old["ATTENDEE"], old["ORGANIZER"]) == (
        new["UID"],
        new["ATTENDEE"],
        new["ORGANIZER"],
    )
    assert new["SEQUENCE"] == old["SEQUENCE"] + 1
    assert new.decoded("DTSTART") == datetime(2026, 12, 8, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize("reader", ["attendee", "teacher"])
@pytest.mark.parametrize(
    ("topic", "kind"),
    [("booking.cancelled", "CANCELLED"), ("booking.rejected", "REJECTED"), ("booking.expired", "EXPIRED")],
)
def test_what_is_over_is_taken_away(
    database: TestDatabase, school: School, reader: str, topic: str, kind: str
) -> None:
    booking = add_booking(school)
    before = only_event(received(database, school, booking, to=reader))
    ended(school, booking, kind, "STAFF")
    mail = received(database, school, booking, topic, to=reader, by="STAFF")
    after = only_event(mail)
    assert method_of(mail) == ("CANCEL", "CANCEL")
    assert str(after["STATUS"]) == "CANCELLED"
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert (after["UID"], after["ATTENDEE"], after["ORGANIZER"]) == (
        before["UID"],
        before["ATTENDEE"],
        before["ORGANIZER"],
    )


@pytest.mark.parametrize(
    ("written", "uid"),
    [("", "uid-of-aurora@booking"), (None, "uid-of-aurora@booking"), ("abc@Cal.com", "abc@Cal.com")],
)
def test_the_event_is_named_as_the_booking_is_in_calendars(
    database: TestDatabase, school: School, written: str | None, uid: str
) -> None:
    mail = received(database, school, add_booking(school, booking={"iCalUID": written}))
    assert str(only_event(mail)["UID"]) == uid


def test_the_file_that_is_fetched_names_the_event_as_mails_do(
    database: TestDatabase, school: School, api: Api
) -> None:
    booking = add_booking(school, booking={"iCalUID": "abc@Cal.com"})
    mailed = only_event(received(database, school, booking))
    fetched = fetch(api)
    assert fetched["UID"] == mailed["UID"]
    assert fetched["SEQUENCE"] == mailed["SEQUENCE"]
    assert str(fetched["STATUS"]) == "CONFIRMED"


def test_the_file_that_is_fetched_of_a_cancelled_booking_says_so(school: School, api: Api) -> None:
    ended(school, add_booking(school), "CANCELLED", "ATTENDEE")
    fetched = fetch(api)
    assert (str(fetched["STATUS"]), fetched["SEQUENCE"]) == ("CANCELLED", 1)


def test_the_old_file_of_a_moved_booking_does_not_take_the_new_one_away(
    database: TestDatabase, school: School, api: Api
) -> None:
    booking = add_booking(school)
    child = add_child(school, booking)
    new = only_event(received(database, school, child, "booking.rescheduled", previousId=booking))
    old = fetch(api)
    assert old["UID"] == new["UID"]
    assert old["SEQUENCE"] < new["SEQUENCE"]


def fetch(api: Api) -> Any:
    answer = api.get("/v1/bookings/uid-of-aurora/calendar.ics?manageToken=a%20token%2B")
    assert answer.status == 200
    (event,) = Calendar.from_ical(answer.text).walk("VEVENT")
    return event
