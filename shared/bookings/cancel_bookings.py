"""Bookings are cancelled, as many as one likes at once, and the seats that become free are offered on."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from shared.bookings.actors import Actor
from shared.bookings.end_bookings import Ending, end_bookings


def cancel_bookings(
    connection: Connection,
    tenant_id: int,
    booking_ids: Sequence[int],
    by: Actor,
    reason: str | None,
    now: datetime,
) -> list[int]:
    """Cancel those that are pending or accepted; returns their ids, in order.

    The service itself (SYSTEM) cancels only holds that have run out at `now`, and that is told as such.
    """
    change: Ending = "EXPIRED" if by.kind == "SYSTEM" else "CANCELLED"
    ended = end_bookings(connection, tenant_id, booking_ids, change, by, reason, now)
    offer_on(connection, tenant_id, ended.session_ids, now)
    return ended.booking_ids


def offer_on(connection: Connection, tenant_id: int, session_ids: Sequence[int], now: datetime) -> None:
    """Whoever waits for a seat of these sessions is offered what is free."""
    if session_ids:
        from shared.workshops.offer_freed_seats import offer_freed_seats

        offer_freed_seats(connection, tenant_id, session_ids, now)
