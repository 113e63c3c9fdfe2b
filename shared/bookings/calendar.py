"""Bookings as a calendar file (RFC 5545), which every calendar can take in and update."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from icalendar import Calendar, Event, vCalAddress, vText

from shared.bookings.schemas import BookingView

Method = Literal["PUBLISH", "REQUEST", "CANCEL"]

CONTENT_TYPE = "text/calendar; charset=utf-8; method=PUBLISH"

_STATUS = {"accepted": "CONFIRMED", "pending": "TENTATIVE", "awaiting_host": "TENTATIVE"}


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """`uid` stays the same when a booking is moved, so that calendars move the event; `sequence` grows with
    each change, and of equal ones the later `stamp` counts. `status` is the booking's.
    """

    uid: str
    sequence: int
    stamp: datetime
    start: datetime
    end: datetime
    summary: str
    status: str
    description: str | None = None
    location: str | None = None


def booking_calendar(booking: BookingView) -> bytes:
    """The .ics of one booking, for whoever holds it; one that was cancelled says so."""
    event = CalendarEvent(
        uid=booking.ics_uid,
        sequence=booking.sequence,
        stamp=booking.created_at,
        start=booking.start,
        end=booking.end,
        summary=booking.title,
        status=booking.status,
        description=booking.notes,
        location=booking.location,
    )
    return calendar_file([event], "PUBLISH")


def calendar_file(
    events: Sequence[CalendarEvent],
    method: Method,
    organizer: tuple[str, str] | None = None,
    attendee: str | None = None,
) -> bytes:
    """An .ics of these events; `organizer` is a name and an address, `attendee` the address of who comes.

    RFC 5546 wants both of them for REQUEST and CANCEL, and no attendee for PUBLISH.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Immersio//Booking service//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for event in events:
        component = _component(event)
        if organizer is not None:
            component.add("organizer", _address(organizer[1], CN=organizer[0]))
        if attendee is not None:
            # Whoever booked has said yes; who declines in a calendar would believe to have cancelled here.
            component.add("attendee", _address(attendee, PARTSTAT="ACCEPTED", RSVP="FALSE"))
        calendar.add_component(component)
    return bytes(calendar.to_ical())


def _component(event: CalendarEvent) -> Event:
    component = Event()
    component.add("uid", event.uid if "@" in event.uid else f"{event.uid}@booking")
    component.add("sequence", event.sequence)
    component.add("dtstamp", event.stamp)
    component.add("dtstart", event.start.astimezone(UTC))
    component.add("dtend", event.end.astimezone(UTC))
    component.add("summary", event.summary)
    component.add("status", _STATUS.get(event.status, "CANCELLED"))
    if event.description:
        component.add("description", event.description)
    if event.location:
        component["location"] = vText(event.location)
    return component


def _address(address: str, **parameters: str) -> vCalAddress:
    written = vCalAddress(f"mailto:{address}")
    written.params.update(parameters)
    return written
