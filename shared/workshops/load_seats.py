"""The look before seats are taken: the workshop, what is known of who asks, and the sessions in question."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from shared.database import call
from shared.event_types.errors import EventTypeNotFound
from shared.tenants.errors import TenantNotFound, TenantSuspended

_LOOK = "SELECT seats_offer($1, $2, $3, $4, $5, $6, $7)"


@dataclass(frozen=True, slots=True)
class SeatsOffer:
    """A workshop with some sessions; `used` of the month's `allowed` bookings, `first` answer to the key.

    Of sessions: id, number, teacher, start and end (epoch seconds), is_cancelled, has_teacher (who is not
    locked), has_seat, is_held (by who asks). `notice` in minutes.
    """

    tenant: int
    status: str
    allowed: int | None
    event_type: int | None
    title: str
    is_workshop: bool
    notice: int
    is_paid: bool
    requires_confirmation: bool
    whitelist_enabled: bool
    most_active: int | None
    active: int
    is_listed: bool
    used: int | None
    is_alone: bool
    first: dict[str, Any] | None
    sessions: list[dict[str, Any]] | None


def load_seats(  # what is asked
    connection: Connection, event_type: int, number: int | None, email: str, key: str | None, now: datetime
) -> SeatsOffer:
    """The workshop with that session, or with all to come for None; `sessions` may be None.

    Takes the lock of `key`, if any. Raises TenantNotFound, TenantSuspended, EventTypeNotFound.
    """
    ((told,),) = call(connection, _LOOK, event_type, number, email, key, now, now.year, now.month)
    if told is None:
        raise TenantNotFound
    if told["status"] != "ACTIVE":
        raise TenantSuspended
    if told["event_type"] is None:
        raise EventTypeNotFound
    return SeatsOffer(**{name: told[name] for name in SeatsOffer.__slots__})
