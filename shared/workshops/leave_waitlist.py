"""Whoever waits leaves; a seat that was offered to them goes to the next in line."""

from datetime import datetime

from sqlalchemy import Connection, text

from shared.bookings.actors import ATTENDEE
from shared.bookings.cancel_bookings import cancel_bookings
from shared.errors import TryAgain
from shared.workshops.errors import AlreadyBooked
from shared.workshops.schemas import WaitlistEntryView
from shared.workshops.waitlist_entries import entry_row, get_waitlist_entry

_LEAVE = text("""
    UPDATE "WaitlistEntry" SET status = 'LEFT', "updatedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
    WHERE id = :id AND "tenantId" = :tenant AND status = 'WAITING'
""")

# An accepted seat is given back by its booking, not by accident.
_LOCK_SEAT = text("""
    SELECT id FROM "Booking" WHERE id = :id AND "tenantId" = :tenant AND status = 'pending' FOR UPDATE
""")


def leave_waitlist(connection: Connection, entry_id: int, token: str, now: datetime) -> WaitlistEntryView:
    """The place as it is then; one that is over already stays as it is, so that this may be sent again.

    Raises TenantNotFound, WaitlistEntryNotFound, AlreadyBooked for a seat that was accepted, whose booking is
    cancelled instead; TryAgain when it became something else meanwhile.
    """
    entry = entry_row(connection, entry_id, token)
    if entry.status == "BOOKED":
        raise AlreadyBooked
    if entry.status == "OFFERED":
        if connection.execute(_LOCK_SEAT, {"id": entry.booking, "tenant": entry.tenant}).scalar() is None:
            raise TryAgain
        cancel_bookings(connection, entry.tenant, [entry.booking], ATTENDEE, None, now)
    elif entry.status == "WAITING":
        left = connection.execute(_LEAVE, {"id": entry_id, "tenant": entry.tenant, "now": now})
        if not left.rowcount:
            raise TryAgain
    return get_waitlist_entry(connection, entry_id, token)
