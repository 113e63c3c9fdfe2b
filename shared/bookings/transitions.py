"""What may become of a booking: every legal change of its status, in one place."""

from typing import Literal

from shared.bookings.errors import BookingMoved, BookingNotActive
from shared.bookings.schemas import Status

Change = Literal["CONFIRMED", "SEAT_ACCEPTED", "REJECTED", "CANCELLED", "EXPIRED", "RESCHEDULED"]

# Nothing leaves cancelled or rejected; awaiting_host is Cal.com's own. Whoever is moved leaves a cancelled
# booking behind, which says that it was rescheduled, and goes on in another.
_LEGAL: dict[Change, tuple[frozenset[Status], Status]] = {
    "CONFIRMED": (frozenset({"pending"}), "accepted"),
    "SEAT_ACCEPTED": (frozenset({"pending"}), "accepted"),
    "REJECTED": (frozenset({"pending"}), "rejected"),
    "CANCELLED": (frozenset({"pending", "accepted"}), "cancelled"),
    "EXPIRED": (frozenset({"pending"}), "cancelled"),
    "RESCHEDULED": (frozenset({"pending", "accepted"}), "cancelled"),
}


def target_of(change: Change) -> Status:
    """The status that the change leads to."""
    return _LEGAL[change][1]


def is_legal(change: Change, status: Status) -> bool:
    return status in _LEGAL[change][0]


def require_legal(change: Change, status: Status, *, moved: bool) -> None:
    """Raises BookingMoved for what goes on elsewhere, BookingNotActive for every other illegal change."""
    if moved:
        raise BookingMoved
    if not is_legal(change, status):
        raise BookingNotActive(bookingStatus=status)
