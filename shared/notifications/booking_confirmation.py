"""The mail that tells an attendee of their booking, in their language and on their clock."""

import unicodedata
from email.message import EmailMessage
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection, Row, text

from shared.bookings.calendar import booking_calendar
from shared.bookings.errors import BookingNotFound
from shared.bookings.queries import load_booking
from shared.bookings.schemas import BookingView
from shared.notifications.envelope import Attachment, Sender, compose, one_line
from shared.notifications.render_letter import language_of, render_letter
from shared.notifications.spoken_time import spoken_moment, spoken_span, spoken_zone

TOPIC = "booking.created"

# What was cancelled meanwhile is not confirmed any more.
_TOLD = ("accepted", "pending", "awaiting_host")
_LONGEST_GREETED = 60
_IN_NAMES = " .-'\N{RIGHT SINGLE QUOTATION MARK}"

_SCHOOL = text("""
    SELECT t.name, b."manageToken" AS token,
           coalesce(NULLIF(t."customDomain", ''), t.subdomain || '.' || CAST(:base_domain AS text)) AS host
    FROM "Booking" b JOIN "Tenant" t ON t.id = b."tenantId"
    WHERE b.id = :booking AND b."tenantId" = :tenant
""")


def booking_confirmation(
    connection: Connection, tenant_id: int, booking_id: int, sender: Sender
) -> EmailMessage | None:
    """The mail, or None when there is nothing to confirm any more. Raises BookingNotFound.

    It can be made for any address that somebody typed, so it says nothing that whoever booked may choose
    but a name, and that only when it looks like one.
    """
    asked = {"booking": booking_id, "tenant": tenant_id, "base_domain": sender.base_domain}
    school = connection.execute(_SCHOOL, asked).one_or_none()
    if school is None:
        raise BookingNotFound
    booking = load_booking(connection, tenant_id, booking_id)
    if booking.status not in _TOLD:
        return None
    language = language_of(booking.attendee.locale)
    letter = render_letter("booking_confirmation", language, _words(booking, school, language, sender))
    calendar = Attachment(
        booking_calendar(booking), "calendar", "booking.ics", {"charset": "utf-8", "method": "PUBLISH"}
    )
    return compose(
        sender, school.name, booking.attendee.email, letter, calendar, uid=booking.uid, topic=TOPIC
    )


def greeted_name(name: str) -> str:
    """The name to greet by; empty when it may be an advertisement or a link instead."""
    name = one_line(name)
    plain = all(unicodedata.category(c)[0] in "LM" or c in _IN_NAMES for c in name)
    dotted = any(before == "." != after != " " for before, after in pairwise(name))
    return name if plain and not dotted and len(name) <= _LONGEST_GREETED else ""


def _words(booking: BookingView, school: Row[Any], language: str, sender: Sender) -> dict[str, Any]:
    title = booking.event_type.title if booking.event_type else booking.title
    return {
        "name": greeted_name(booking.attendee.name),
        "school": one_line(school.name),
        "title": one_line(title),
        "teacher": one_line(booking.teacher.name) if booking.teacher else "",
        "moment": spoken_moment(booking.start, language),
        "span": spoken_span(booking.start, booking.end, language),
        "zone": spoken_zone(booking.start),
        "is_settled": booking.status == "accepted",
        "link": _link(sender.url_of(school.host), booking.uid, school.token),
    }


def _link(school_url: str, uid: str, token: str | None) -> str:
    """Where the booking is told; empty for one that has no token, which Cal.com made."""
    return f"{school_url}/v1/bookings/{uid}?{urlencode({'manageToken': token})}" if token else ""
