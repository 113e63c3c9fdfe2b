"""Whoever finds a session full may wait for a seat."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text
from sqlalchemy.exc import DBAPIError

from shared.bookings.errors import NotBookableOnline
from shared.bookings.tokens import new_token
from shared.database import UNIQUE_VIOLATION, sqlstate
from shared.throttling.limit_requests import limit_requests
from shared.workshops.book_seats import refuse_closed, refuse_what_may_not
from shared.workshops.errors import AlreadyBooked, AlreadyWaiting, SeatsAvailable, SessionNotFound
from shared.workshops.load_seats import load_seats
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
                                     "createdAt")
        SELECT :tenant, look.id, :name, :email, :zone, :locale, :token,
               CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
        FROM look WHERE (is_full OR waiting > 0) AND NOT is_cancelled AND NOT is_held RETURNING id)
    SELECT look.*, (SELECT id FROM joined) AS entry FROM look
""")


def join_waitlist(
    connection: Connection,
    event_type_id: int,
    number: int,
    asked: NewWaitlistEntry,
    now: datetime,
    source: str,
) -> WaitlistEntryCreated:
    """A place at the end of the session's waitlist; `source` tells whence it was asked, for counting.

    Raises TenantNotFound, TenantSuspended, EventTypeNotFound, NotAWorkshop, NotBookableOnline,
    NotWhitelisted, SessionNotFound, SessionClosed, AlreadyBooked, AlreadyWaiting, SeatsAvailable,
    TooManyRequests.
    """
    attendee = asked.attendee
    offer = load_seats(connection, event_type_id, number, attendee.email, None, now)
    refuse_what_may_not(offer)
    if offer.is_paid:
        raise NotBookableOnline(reason="payment")
    if not offer.sessions:
        raise SessionNotFound
    session = offer.sessions[0]
    refuse_closed(session, offer.notice, now)
    values = {
        "tenant": offer.tenant,
        "session": session["id"],
        "name": attendee.name,
        "email": attendee.email,
        "zone": attendee.time_zone,
        "locale": attendee.locale,
        "token": new_token(),
        "now": now,
    }
    connection.execute(_LOCK_SESSION, values)
    look = _joined(connection, values)
    limit_requests(connection, "waitlist", source, MOST_FROM_ONE_SOURCE, now)
    return WaitlistEntryCreated(id=look.entry, position=look.waiting + 1, token=values["token"])


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
