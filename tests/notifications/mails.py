"""Bookings to tell of, and the mails that tell of them."""

from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import compat32, default
from typing import Any

from shared.database import connect_database, in_tenant, of_tenant
from shared.notifications.booking_confirmation import booking_confirmation
from shared.notifications.envelope import Sender
from tests.databases import TestDatabase
from tests.schools import School

SENDER = Sender("bookings@example.com", "booking.test")


def add_booking(school: School, **attendee: Any) -> int:
    """A lesson on Monday 7 December 2026, 15:00 to 15:30 UTC; returns the booking's id."""
    booking: int = school.database.value(
        """INSERT INTO "Booking" ("tenantId", uid, "userId", "eventTypeId", title, description, "startTime",
                                  "endTime", status, "manageToken")
           VALUES (:t, :uid, :teacher, :lesson, 'Conversation', 'Buy at evil.test', '2026-12-07 15:00',
                   '2026-12-07 15:30', 'accepted', 'a token+')
           RETURNING id""",
        t=school.id,
        uid=f"uid-of-{school.subdomain}",
        teacher=school.teacher_id,
        lesson=school.lesson_id,
    )
    written = {
        "name": "Mai Nguyễn",
        "email": "mai@example.com",
        "timeZone": "Asia/Ho_Chi_Minh",
        "locale": "en",
        **attendee,
    }
    school.database.rows(
        """INSERT INTO "Attendee" ("tenantId", "bookingId", name, email, "timeZone", locale)
           VALUES (:t, :b, :name, :email, :timeZone, :locale)""",
        t=school.id,
        b=booking,
        **written,
    )
    return booking


def made(database: TestDatabase, school: School, booking: int) -> EmailMessage | None:
    """The confirmation as it is handed to the mail client, made under the worker's role."""
    engine = connect_database(database.ops_url)
    try:
        return in_tenant(
            engine, of_tenant(school.id), lambda c: booking_confirmation(c, school.id, booking, SENDER)
        )
    finally:
        engine.dispose()


def received(database: TestDatabase, school: School, booking: int) -> EmailMessage:
    """The confirmation as a mail program reads it."""
    message = made(database, school, booking)
    assert message is not None
    return read(message.as_bytes())


def read(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def header_of(message: EmailMessage, name: str) -> str:
    """A header decoded as RFC 2047 has it; the library's newer parser adds spaces between encoded words."""
    return str(make_header(decode_header(message_from_bytes(message.as_bytes(), policy=compat32)[name])))


def text_of(message: EmailMessage) -> str:
    return _content(message, "plain")


def html_of(message: EmailMessage) -> str:
    return _content(message, "html")


def calendar_of(message: EmailMessage) -> EmailMessage:
    (calendar,) = message.iter_attachments()
    assert isinstance(calendar, EmailMessage)
    return calendar


def _content(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert isinstance(body, EmailMessage)
    return str(body.get_content()).replace("\r\n", "\n")
