"""Which letter tells whom of what, and when it is not true any more."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.errors import Problem
from shared.notifications.news import Reader
from shared.notifications.told_booking import LIVE, ToldBooking
from shared.notifications.told_waiting import CLOSED, WAITING

Truth = Callable[[ToldBooking, datetime], bool]
OnCalendar = Literal["put", "move", "remove", "leave"]


class LetterNotKnown(Problem):
    """`detail` is the topic and the reader."""

    status, code, title = 422, "letter_not_known", "Nobody is written to about this"


@dataclass(frozen=True, slots=True)
class Occasion:
    """The template, what the attached event does to the reader's calendar, and whether it is still so."""

    template: str
    on_calendar: OnCalendar
    is_true: Truth


def _when(*statuses: str) -> Truth:
    return lambda booking, _: booking.status in statuses


def _is_new(booking: ToldBooking, _: datetime) -> bool:
    """What was confirmed meanwhile another letter tells."""
    return booking.status in LIVE and not booking.was_confirmed


def _is_offered(booking: ToldBooking, now: datetime) -> bool:
    return booking.status == "pending" and (booking.held_until is None or now < booking.held_until)


_CANCELLED, _ACCEPTED, _LIVE = _when("cancelled"), _when("accepted"), _when(*LIVE)
_OVER = _when("cancelled", "rejected")

LETTERS: Mapping[tuple[str, Reader], Occasion] = {
    ("booking.created", "attendee"): Occasion("attendee/booked", "put", _is_new),
    ("booking.confirmed", "attendee"): Occasion("attendee/confirmed", "put", _ACCEPTED),
    ("booking.rejected", "attendee"): Occasion("attendee/rejected", "remove", _when("rejected")),
    ("booking.cancelled", "attendee"): Occasion("attendee/cancelled", "remove", _CANCELLED),
    ("booking.expired", "attendee"): Occasion("attendee/expired", "remove", _CANCELLED),
    ("booking.rescheduled", "attendee"): Occasion("attendee/moved", "move", _LIVE),
    ("payment.returned", "attendee"): Occasion("attendee/payment_returned", "leave", _OVER),
    ("seat.offered", "attendee"): Occasion("attendee/offered", "leave", _is_offered),
    ("waitlist.joined", "attendee"): Occasion("attendee/waitlist_joined", "leave", _when(WAITING)),
    ("waitlist.closed", "attendee"): Occasion("attendee/waitlist_closed", "leave", _when(CLOSED)),
    ("booking.created", "teacher"): Occasion("teacher/booked", "put", _is_new),
    ("booking.confirmed", "teacher"): Occasion("teacher/confirmed", "put", _ACCEPTED),
    ("booking.rejected", "teacher"): Occasion("teacher/rejected", "remove", _when("rejected")),
    ("booking.cancelled", "teacher"): Occasion("teacher/cancelled", "remove", _CANCELLED),
    ("booking.expired", "teacher"): Occasion("teacher/expired", "remove", _CANCELLED),
    ("booking.rescheduled", "teacher"): Occasion("teacher/moved", "move", _LIVE),
}
# Instead of what ran out: who was shown where to pay is told that nothing was taken.
UNPAID = Occasion("attendee/unpaid", "leave", _CANCELLED)
TOPICS = frozenset(topic for topic, _ in LETTERS)


def occasion_of(topic: str, reader: Reader) -> Occasion:
    """Raises LetterNotKnown."""
    occasion = LETTERS.get((topic, reader))
    if occasion is None:
        raise LetterNotKnown(f"{topic} to the {reader}")
    return occasion
