"""A booking as a calendar file (RFC 5545), which every calendar can take in and update."""

from datetime import UTC

from icalendar import Calendar, Event, vText

from shared.bookings.schemas import BookingView

CONTENT_TYPE = "text/calendar; charset=utf-8; method=PUBLISH"

_STATUS = {"accepted": "CONFIRMED", "pending": "TENTATIVE", "awaiting_host": "TENTATIVE"}


def booking_calendar(booking: BookingView) -> bytes:
    """The .ics of one booking. Its UID stays the booking's, and SEQUENCE grows with each change."""
    event = Event()
    event.add("uid", f"{booking.uid}@booking")
    event.add("sequence", booking.sequence)
    event.add("dtstamp", booking.created_at)
    event.add("dtstart", booking.start.astimezone(UTC))
    event.add("dtend", booking.end.astimezone(UTC))
    event.add("summary", booking.title)
    event.add("status", _STATUS.get(booking.status, "CANCELLED"))
    if booking.notes:
        event.add("description", booking.notes)
    if booking.location:
        event["location"] = vText(booking.location)
    calendar = Calendar()
    calendar.add("prodid", "-//Immersio//Booking service//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
