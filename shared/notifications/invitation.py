"""The calendar file of a letter (RFC 5546).

One booking is sent as a REQUEST, to which no answer is wanted: Gmail removes an event by CANCEL only if it
came so. A series is PUBLISHed, since a REQUEST holds one UID. Who sends it is its organizer, as
calendars ask of whoever changes an event.
"""

from collections.abc import Sequence

from shared.bookings.calendar import CalendarEvent, Method, calendar_file
from shared.notifications.envelope import Attachment, Sender, one_line
from shared.notifications.letters import OnCalendar
from shared.notifications.news import Reader
from shared.notifications.told_booking import LIVE, Person, ToldBooking


def on_calendar_of(bookings: Sequence[ToldBooking], usual: OnCalendar, reader: Reader) -> OnCalendar:
    """What the file does, or `leave` where there shall be none.

    A teacher's calendar has a workshop's session once, not once for each seat. An offered seat that nobody
    took has never been in a calendar.
    """
    first = bookings[0]
    never_there = usual == "remove" and first.was_offered and not first.was_accepted
    return "leave" if never_there or (reader == "teacher" and first.is_seat) else usual


def invitation(bookings: Sequence[ToldBooking], reader: Person, sender: Sender) -> Attachment:
    """`booking.ics` for the reader; bookings that are off take their events away."""
    method: Method = "PUBLISH" if len(bookings) > 1 else "REQUEST"
    if bookings[0].status not in LIVE:
        method = "CANCEL"
    content = calendar_file(
        [_event(booking) for booking in bookings],
        method,
        organizer=(one_line(bookings[0].school), sender.address),
        attendee=None if method == "PUBLISH" else reader.email,
    )
    return Attachment(content, "calendar", "booking.ics", {"charset": "utf-8", "method": method})


def _event(booking: ToldBooking) -> CalendarEvent:
    """Without notes and place, which whoever booked may have chosen."""
    return CalendarEvent(
        uid=booking.ics_uid,
        sequence=booking.sequence,
        stamp=booking.changed,
        start=booking.starts,
        end=booking.ends,
        summary=one_line(booking.title),
        status=booking.status,
    )
