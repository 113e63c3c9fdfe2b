"""What the templates are given to say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from shared.notifications.envelope import Sender, one_line
from shared.notifications.letters import OnCalendar
from shared.notifications.names import greeted_name
from shared.notifications.news import News
from shared.notifications.spoken_money import spoken_money
from shared.notifications.spoken_time import spoken_moment, spoken_span, spoken_zone
from shared.notifications.told_booking import LIVE, Person, ToldBooking
from shared.notifications.told_waiting import WAITING

_LONGEST_REASON = 1_000


@dataclass(frozen=True, slots=True)
class Told:
    """What is told to whom: one booking or those of a series, and the one that was moved."""

    bookings: Sequence[ToldBooking]
    previous: ToldBooking | None
    reader: Person
    news: News
    language: str


def words_of(told: Told, on_calendar: OnCalendar, sender: Sender) -> dict[str, Any]:
    """The words of a letter; what people chose is one line each, and not escaped.

    A letter can be made for any address that somebody typed, so it says nothing that whoever booked may
    choose but a name, and that only when it looks like one. Only the attendee is given links.
    """
    first, language = told.bookings[0], told.language
    to_attendee = told.news.to == "attendee"
    sessions = [
        {"span": _span(booking, told), "link": _link(booking, sender) if to_attendee else ""}
        for booking in told.bookings
    ]
    refunds = first.refunds if to_attendee else ()
    return {
        "to": told.news.to,
        "name": greeted_name(told.reader.name) if to_attendee else one_line(told.reader.name),
        "student": greeted_name(first.attendee.name) if first.attendee else "",
        "teacher": _teacher(told.bookings) if to_attendee else "",
        "school": one_line(first.school),
        "title": one_line(first.title),
        "sessions": sessions,
        "moment": spoken_moment(_shown(first.starts, told), language),
        "old_span": _span(told.previous, told) if told.previous else "",
        "zone": spoken_zone(*(_shown(at, told) for at in _moments(told))),
        "until": spoken_moment(_shown(first.held_until, told), language) if first.held_until else "",
        "is_settled": all(booking.status == "accepted" for booking in told.bookings),
        "by": told.news.by,
        "reason": one_line(first.reason)[:_LONGEST_REASON],
        "is_paid": first.is_paid,
        "refunds": [spoken_money(amount, currency, language) for amount, currency in refunds],
        "was_offered": first.was_offered,
        "is_off": first.session_is_off,
        "on_calendar": on_calendar,
    }


def _shown(at: datetime, told: Told) -> datetime:
    return at.astimezone(told.reader.clock)


def _span(booking: ToldBooking, told: Told) -> str:
    return spoken_span(_shown(booking.starts, told), _shown(booking.ends, told), told.language)


def _moments(told: Told) -> list[datetime]:
    shown = [*told.bookings, told.previous] if told.previous else told.bookings
    return [booking.starts for booking in shown]


def _teacher(bookings: Sequence[ToldBooking]) -> str:
    """Whoever teaches them all; empty when they are several."""
    names = {booking.teacher.name if booking.teacher else "" for booking in bookings}
    return one_line(names.pop()) if len(names) == 1 else ""


def _link(booking: ToldBooking, sender: Sender) -> str:
    """Where what is on is told; empty for a booking without a token, which Cal.com made."""
    if not booking.token or booking.status not in (*LIVE, WAITING):
        return ""
    # What follows the hash stays in the browser: no log, proxy or referrer sees the token.
    fragment = urlencode({"manageToken": booking.token})
    return f"{sender.url_of(booking.host)}/{booking.path}#{fragment}"
