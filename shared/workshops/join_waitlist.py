"""Whoever finds a session full may wait for a seat."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Text, bindparam, text
from sqlalchemy.exc import DBAPIError

from shared.bookings.errors import BookerLimitReached
from shared.bookings.idempotency import request_hash
from shared.bookings.tokens import new_token
from shared.errors import IdempotencyKeyInUse, IdempotencyKeyReused
from shared.sqlstates import UNIQUE_VIOLATION, sqlstate
from shared.throttling.limit_requests import limit_requests
from shared.workshops.book_seats import refuse_closed, refuse_what_may_not
from shared.workshops.errors import AlreadyBooked, AlreadyWaiting, SeatsAvailable, SessionNotFound
from shared.workshops.load_seats import SeatsOffer, load_seats
from shared.workshops.schemas import NewWaitlistEntry, WaitlistEntryCreated

# A place on a list costs nothing, and mails go to whatever address it names.
MOST_FROM_ONE_SOURCE = 30

# Its seats stay as they are meanwhile.
_LOCK_SESSION = text("""
    SELECT id FROM "WorkshopSession" WHERE id = :session AND "tenantId" = :tenant FOR NO KEY UPDATE
""")
# A look of its own, after the lock: what others did meanwhile is seen.
_JOIN = text("""
    WITH look AS (
        SELECT s.id, s."seatsTaken" >= s."seatLimit" AS is_full, s."cancelledAt" IS NOT NULL AS is_cancelled,
               seats_held(s."tenantId", ARRAY[s.id], :email) <> '{}' AS is_held,
               (SELECT count(*) FROM "WaitlistEntry" w WHERE w."sessionId" = s.id
                AND w."tenantId" = s."tenantId" AND w.status = 'WAITING') AS waiting
        FROM "WorkshopSession" s WHERE s.id = :session AND s."tenantId" = :tenant),
    joined AS (
        INSERT INTO "WaitlistEntry" ("tenantId", "sessionId", name, email, "timeZone", locale, token,
                                     position, "idempotencyKey", "requestHash", "createdAt")
        SELECT :tenant, look.id, :name, :email, :zone, :locale, :token, waiting + 1, :key, :hash,
               CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
        FROM look WHERE (is_full OR waiting > 0) AND NOT is_cancelled AND NOT is_held RETURNING id),
    told AS (
        INSERT INTO "OutboxMessage" ("tenantId", topic, payload)
        SELECT :tenant, 'waitlist.joined', jsonb_build_object('waitlistEntryId', id) FROM joined)
    SELECT look.*, (SELECT id FROM joined) AS entry FROM look
""").bindparams(bindparam("key", type_=Text), bindparam("hash", type_=Text))
_FIRST = text("""
    SELECT id, position, token, "requestHash" AS request_hash FROM "WaitlistEntry"
    WHERE "tenantId" = :tenant AND "idempotencyKey" = :key
""")


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """Which session of which workshop, who, under which Idempotency-Key, and a digest of whence."""

    event_type_id: int
    session_number: int
    command: NewWaitlistEntry
    key: str | None
    source: str

    @property
    def hash(self) -> str:
        return request_hash(self.command, str(self.event_type_id), str(self.session_number))


@dataclass(frozen=True, slots=True)
class Joined:
    """The answer, and whether it was given before to the same Idempotency-Key."""

    answer: WaitlistEntryCreated
    replayed: bool = False


def join_waitlist(connection: Connection, asked: JoinRequest, now: datetime) -> Joined:
    """A place at the end of the session's waitlist.

    Raises TenantNotFound, TenantSuspended, EventTypeNotFound, IdempotencyKeyInUse, IdempotencyKeyReused,
    NotAWorkshop, NotWhitelisted, BookerLimitReached, SessionNotFound, SessionClosed,
    AlreadyBooked, AlreadyWaiting, SeatsAvailable, TooManyRequests.
    """
    attendee = asked.command.attendee
    offer = load_seats(connection, asked.event_type_id, asked.session_number, attendee.email, asked.key, now)
    first = _first_answer(connection, offer, asked)
    if first is not None:
        return Joined(first, replayed=True)
    session = _session(offer, now)
    values = {
        "tenant": offer.tenant,
        "session": session["id"],
        "name": attendee.name,
        "email": attendee.email,
        "zone": attendee.time_zone,
        "locale": attendee.locale,
        "token": new_token(),
        "key": asked.key,
        "hash": asked.key and asked.hash,
        "now": now,
    }
    connection.execute(_LOCK_SESSION, values)
    look = _joined(connection, values)
    limit_requests(connection, "waitlist", asked.source, MOST_FROM_ONE_SOURCE, now)
    return Joined(WaitlistEntryCreated(id=look.entry, position=look.waiting + 1, token=values["token"]))


def _first_answer(
    connection: Connection, offer: SeatsOffer, asked: JoinRequest
) -> WaitlistEntryCreated | None:
    """What the key was answered; the offer has taken its lock."""
    if asked.key is None:
        return None
    if not offer.is_alone:
        raise IdempotencyKeyInUse
    row = connection.execute(_FIRST, {"tenant": offer.tenant, "key": asked.key}).one_or_none()
    if offer.first is not None or (row is not None and row.request_hash != asked.hash):
        raise IdempotencyKeyReused
    if row is None:
        return None
    return WaitlistEntryCreated(id=row.id, position=row.position, token=row.token)


def _session(offer: SeatsOffer, now: datetime) -> dict[str, Any]:
    refuse_what_may_not(offer)
    if offer.most_active is not None and offer.active >= offer.most_active:
        raise BookerLimitReached(allowed=offer.most_active)
    if not offer.sessions:
        raise SessionNotFound
    refuse_closed(offer.sessions[0], offer.notice, now)
    return offer.sessions[0]


def _joined(connection: Connection, values: dict[str, Any]) -> Row[Any]:
    try:
        look = connection.execute(_JOIN, values).one_or_none()
    except DBAPIError as error:
        if sqlstate(error) == UNIQUE_VIOLATION:
            raise AlreadyWaiting from error
        raise
    if look is None or look.is_cancelled:
        raise SessionNotFound
    if look.is_held:
        raise AlreadyBooked
    if look.entry is None:
        raise SeatsAvailable
    return look
