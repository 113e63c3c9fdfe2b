"""Whoever holds a booking's token moves it; the token is used up, and the answer has the next."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from shared.bookings.actors import ATTENDEE
from shared.bookings.first_answers import find_first_answer, remember_answer
from shared.bookings.idempotency import request_hash
from shared.bookings.lock_booking import lock_holders_booking
from shared.bookings.move_booking import move_booking
from shared.bookings.schemas import BookingCreated, Rescheduling
from shared.throttling.limit_requests import limit_requests

# Each writes to the teacher and to whatever address the booking names.
MOST_FROM_ONE_SOURCE = 30


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """Which booking, by which token, to where, under which Idempotency-Key; `source` tells whence."""

    uid: str
    token: str
    command: Rescheduling
    key: str | None
    source: str

    @property
    def hash(self) -> str:
        return hash_of_move(self.command, self.uid)


@dataclass(frozen=True, slots=True)
class OwnMoved:
    """The answer, and whether it was given before to the same Idempotency-Key."""

    answer: BookingCreated
    replayed: bool = False


def move_own_booking(connection: Connection, asked: MoveRequest, now: datetime) -> OwnMoved:
    """The booking at its new place.

    Raises TenantNotFound, BookingNotFound, IdempotencyKeyInUse, IdempotencyKeyReused, TooManyRequests and
    what `move_booking` raises.
    """
    first = find_first_answer(connection, asked.key)
    booking = lock_holders_booking(connection, asked.uid, asked.token)
    if first is not None:
        first.require_same(asked.hash)
        return OwnMoved(BookingCreated.model_validate(first.told), replayed=True)
    child = move_booking(connection, booking, asked.command, ATTENDEE, now)
    limit_requests(connection, "move", asked.source, MOST_FROM_ONE_SOURCE, now)
    told = child.answer.model_dump(mode="json", by_alias=True, exclude={"manage_token"})
    remember_answer(connection, booking.tenant_id, asked.key, asked.hash, child.id, told)
    return OwnMoved(child.answer)


def hash_of_move(command: Rescheduling, uid: str, *more: str) -> str:
    """Equal for the same instant at another offset."""
    start = command.start and command.start.astimezone(UTC)
    return request_hash(command.model_copy(update={"start": start}), "reschedule", uid, *more)
