"""What nobody's request brings about: waitlists whose session has begun are closed, and free seats offered.

`sweep_waitlists(platform, now, has_time)` is called every minute, after the holds that ran out have been
expired; `platform` is the engine of the role that sees every school.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from shared.database import in_platform, in_tenant
from shared.errors import TryAgain
from shared.telemetry import logger
from shared.tenant_scope import of_tenant
from shared.workshops.offer_freed_seats import offer_freed_seats

MOST_SESSIONS = 500

# An offer whose booking is gone, or not held any more, is over too.
_CLOSE = text("""
    UPDATE "WaitlistEntry" w SET "updatedAt" = made.at, status = CASE
        WHEN b.status = 'accepted' THEN 'BOOKED' WHEN w.status = 'OFFERED' THEN 'EXPIRED' ELSE 'CLOSED' END
    FROM (SELECT CAST(:now AS timestamptz) AT TIME ZONE 'UTC' AS at) made, "WorkshopSession" s,
         "WaitlistEntry" entry
         LEFT JOIN "Booking" b ON b.id = entry."bookingId" AND b."tenantId" = entry."tenantId"
    WHERE entry.id = w.id AND s.id = w."sessionId" AND s."tenantId" = w."tenantId"
      AND (w.status = 'WAITING' AND (s."startTime" <= made.at OR s."cancelledAt" IS NOT NULL)
           OR w.status = 'OFFERED' AND b.status IS DISTINCT FROM 'pending')
""")

_TO_OFFER = text("""
    SELECT s."tenantId" AS tenant, array_agg(s.id ORDER BY s.id) AS sessions
    FROM (SELECT DISTINCT "sessionId" AS id, "tenantId" FROM "WaitlistEntry" WHERE status = 'WAITING') waiting
    JOIN "WorkshopSession" s ON s.id = waiting.id AND s."tenantId" = waiting."tenantId"
    WHERE s."cancelledAt" IS NULL AND s."startTime" > CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
      AND coalesce(s."seatsTaken" < s."seatLimit", true)
    GROUP BY s."tenantId" ORDER BY random()
""")


@dataclass(frozen=True, slots=True)
class Swept:
    """Counts of waitlist entries; `failed` ones of schools, which come again with the next sweep."""

    closed: int
    offered: int
    failed: int


def sweep_waitlists(platform: Engine, now: datetime, has_time: Callable[[], bool]) -> Swept:
    """Close what is over, then offer free seats to who waits, each school in a transaction of its own.

    As long as there is time; the order is drawn anew each minute, so that no school is always the last.
    """
    closed = in_platform(platform, lambda c: c.execute(_CLOSE, {"now": now}).rowcount)
    due = in_platform(platform, lambda c: c.execute(_TO_OFFER, {"now": now}).all())
    offers = [_offered(platform, row.tenant, row.sessions, now) for row in due if has_time()]
    made = [offered for offered in offers if offered is not None]
    return Swept(closed=closed, offered=sum(made), failed=len(offers) - len(made))


def _offered(platform: Engine, tenant_id: int, sessions: Sequence[int], now: datetime) -> int | None:
    """How many seats of the school were offered; None when others were in the way."""
    some = sorted(sessions)[:MOST_SESSIONS]
    try:
        return in_tenant(platform, of_tenant(tenant_id), lambda c: offer_freed_seats(c, tenant_id, some, now))
    except (DBAPIError, TryAgain) as error:
        logger.warning("waitlist not swept", tenant_id=tenant_id, error=type(error).__name__)
        return None
