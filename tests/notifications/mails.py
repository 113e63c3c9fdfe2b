"""Bookings to tell of, and the mails that tell of them."""

import json
import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import compat32, default
from typing import Any

from icalendar import Calendar

from shared.database import connect_database, in_tenant
from shared.notifications.envelope import Sender
from shared.notifications.news import news_of
from shared.notifications.write_letter import write_letter
from shared.tenant_scope import of_tenant
from tests.databases import TestDatabase
from tests.schools import School

SENDER = Sender("bookings@example.com", "booking.test")
NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


def add_booking(school: School, *, booking: dict[str, Any] | None = None, **attendee: Any) -> int:
    """A lesson on Monday 7 December 2026, 15:00 to 15:30 UTC; returns the booking's id."""
    columns = {
        "uid": f"uid-of-{school.subdomain}",
        "userId": school.teacher_id,
        "eventTypeId": school.lesson_id,
        "title": "Conversation",
        "description": "Buy at evil.test",
        "location": "evil.test",
        "startTime": "2026-12-07 15:00",
        "endTime": "2026-12-07 15:30",
        "manageToken": "a token+",
        "createdAt": "2026-11-22 09:00",
        **(booking or {}),
    }
    written = {
        "name": "Mai Nguyễn",
        "email": "mai@example.com",
        "timeZone": "Asia/Ho_Chi_Minh",
        "locale": "en",
        **attendee,
    }
    made = add_row(school, "Booking", **columns)
    add_row(school, "Attendee", bookingId=made, **written)
    return made


def add_child(school: School, previous: int, **booking: Any) -> int:
    """The same lesson moved by a day, to Tuesday 8 December; returns the child's id."""
    moved = {
        "uid": "uid-of-child",
        "iCalUID": f"uid-of-{school.subdomain}",
        "iCalSequence": 1,
        "fromReschedule": f"uid-of-{school.subdomain}",
        "manageToken": "another token",
        "startTime": "2026-12-08 15:00",
        "endTime": "2026-12-08 15:30",
        "createdAt": "2026-11-23 09:00",
        **booking,
    }
    school.change("Booking", previous, rescheduled=True)
    set_status(school, previous, "cancelled")
    return add_booking(school, booking=moved)


def add_row(school: School, table: str, **columns: Any) -> int:
    """A row of the school; returns its id."""
    written = {"tenantId": school.id, **columns}
    names, values = ", ".join(f'"{name}"' for name in written), json.dumps(written)
    made: int = school.database.value(
        f"""INSERT INTO "{table}" ({names}) SELECT {names}
            FROM jsonb_populate_record(NULL::"{table}", CAST(:values AS jsonb)) RETURNING id""",
        values=values,
    )
    return made


def add_waiting(school: School, locale: str = "en", status: str = "CLOSED", **session: str) -> int:
    """An entry of a waitlist; returns its id."""
    written = {"startTime": "2026-12-07 15:00", "endTime": "2026-12-07 15:30", **session}
    number = add_row(
        school,
        "WorkshopSession",
        eventTypeId=school.lesson_id,
        sessionNumber=1,
        seatsTaken=0,
        createdAt="2026-11-22",
        updatedAt="2026-11-22",
        **written,
    )
    entry: int = school.database.value(
        """INSERT INTO "WaitlistEntry" ("tenantId", "sessionId", name, email, "timeZone", locale, token,
                                        status)
           VALUES (:t, :s, 'Mai', 'mai@example.com', 'Asia/Ho_Chi_Minh', :locale, 'a waiting token', :status)
           RETURNING id""",
        t=school.id,
        s=number,
        locale=locale,
        status=status,
    )
    return entry


def set_status(school: School, booking: int, status: str) -> None:
    """Set it and nothing else."""
    school.database.rows(
        'UPDATE "Booking" SET status = CAST(:s AS "BookingStatus") WHERE id = :b', s=status, b=booking
    )


def ended(school: School, booking: int, kind: str, actor: str, reason: str | None = None) -> None:
    """End a booking as the service does: its status, its SEQUENCE, and an event that tells who did it."""
    set_status(school, booking, "rejected" if kind == "REJECTED" else "cancelled")
    school.change("Booking", booking, iCalSequence=1)
    happened(school, booking, kind, actor, {"reason": reason} if reason else None)


def happened(
    school: School, booking: int, kind: str, actor: str, details: dict[str, str] | None = None
) -> None:
    add_row(
        school,
        "BookingEvent",
        bookingId=booking,
        type=kind,
        actor=actor,
        details=details,
        createdAt="2026-11-24 08:00",
    )


def made(
    database: TestDatabase,
    school: School,
    booking: int,
    topic: str = "booking.created",
    **payload: Any,
) -> EmailMessage | None:
    """The mail as it is handed to the mail client at NOW, made under the worker's role."""
    news = news_of({"bookingId": booking, **payload})
    engine = connect_database(database.app_url)
    try:
        return in_tenant(
            engine, of_tenant(school.id), lambda c: write_letter(c, school.id, topic, news, SENDER, NOW)
        )
    finally:
        engine.dispose()


def received(
    database: TestDatabase,
    school: School,
    booking: int,
    topic: str = "booking.created",
    **payload: Any,
) -> EmailMessage:
    """The mail as a mail program reads it."""
    message = made(database, school, booking, topic, **payload)
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
    """The HTML without what keeps times on one line."""
    return re.sub(r'<span style="white-space:nowrap">([^<]*)</span>', r"\1", _content(message, "html"))


def calendar_of(message: EmailMessage) -> EmailMessage:
    (calendar,) = message.iter_attachments()
    assert isinstance(calendar, EmailMessage)
    return calendar


def events_of(message: EmailMessage) -> list[Any]:
    """The events of the attached file, whose values are of the library's many kinds."""
    return list(Calendar.from_ical(calendar_of(message).get_content()).walk("VEVENT"))


def told_of(message: EmailMessage) -> str:
    """All that a reader sees, and what HTML hides."""
    return header_of(message, "Subject") + text_of(message) + html_of(message)


def _content(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert isinstance(body, EmailMessage)
    return str(body.get_content()).replace("\r\n", "\n")
