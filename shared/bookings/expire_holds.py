"""Holds that have run out free what they held: their time, their seat, their student's expectation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine, Row, text
from sqlalchemy.exc import DBAPIError

from shared.bookings.actors import SYSTEM
from shared.bookings.cancel_bookings import cancel_bookings
from shared.database import in_platform, in_tenant
from shared.errors import TryAgain
from shared.sqlstates import sqlstate
from shared.telemetry import logger
from shared.tenant_scope import of_tenant

# A school's other bookings wait for no more than these.
BATCH = 100

# Cal.com's own pending bookings have no end and no token. What may still be paid is closed at Stripe first,
# by whoever looks at checkouts, and ends with that.
_DUE = text("""
    SELECT id, "tenantId" AS tenant, "holdExpiresAt" AT TIME ZONE 'UTC' AS expires_at FROM "Booking"
    WHERE status = 'pending' AND "manageToken" IS NOT NULL
      AND "holdExpiresAt" <= CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
      AND NOT EXISTS (SELECT FROM "Payment" p JOIN "Checkout" c ON c.id = p."checkoutId"
                          AND c."tenantId" = p."tenantId" AND c.status IN ('NEW', 'OPEN')
                      WHERE p."bookingId" = "Booking".id AND p."tenantId" = "Booking"."tenantId")
      AND ("holdExpiresAt", id) > (CAST(:after AS timestamptz) AT TIME ZONE 'UTC', CAST(:after_id AS int))
    ORDER BY "holdExpiresAt", id LIMIT :batch
""")
_BEFORE_ALL = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(slots=True)
class ExpiredHolds:
    """Counts of bookings; `failed` ones come again with the next run."""

    expired: int = 0
    failed: int = 0


def expire_holds(platform: Engine, now: datetime, has_time: Callable[[], bool]) -> ExpiredHolds:
    """End every hold that has run out at `now`, as long as there is time: the longest overdue first.

    Each school's are a transaction of its own, under its own policies; one that fails leaves the others be.
    """
    counts, after = ExpiredHolds(), (_BEFORE_ALL, 0)
    while has_time():
        due = in_platform(platform, _due_after(after, now))
        for tenant, rows in groupby(
            sorted(due, key=lambda row: (row.tenant, row.id)), lambda row: row.tenant
        ):
            _expire(platform, tenant, [row.id for row in rows], now, counts)
        if len(due) < BATCH:
            break
        after = due[-1].expires_at, due[-1].id
    return counts


def _due_after(after: tuple[datetime, int], now: datetime) -> Callable[[Connection], Sequence[Row[Any]]]:
    asked = {"now": now, "after": after[0], "after_id": after[1], "batch": BATCH}
    return lambda connection: connection.execute(_DUE, asked).all()


def _expire(platform: Engine, tenant: int, ids: list[int], now: datetime, counts: ExpiredHolds) -> None:
    try:
        expired = in_tenant(
            platform, of_tenant(tenant), lambda c: cancel_bookings(c, tenant, ids, SYSTEM, None, now)
        )
        counts.expired += len(expired)
    except (DBAPIError, TryAgain) as error:
        logger.warning("holds not expired", tenant_id=tenant, bookings=len(ids), sqlstate=sqlstate(error))
        counts.failed += len(ids)
