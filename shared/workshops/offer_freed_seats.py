"""A seat that comes free is offered to who waits: held for a while, by a pending booking of theirs."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ARRAY, Connection, Integer, bindparam, text

# Long enough to sleep over it, where the school says nothing else.
HOLD_HOURS = 12

# Never beyond the session's start.
_OFFER = text("""
    SELECT offer_seats(CAST(:tenant AS int), :sessions, CAST(:now AS timestamptz), coalesce((
        SELECT CASE jsonb_typeof(settings->'waitlistOfferHours') WHEN 'number'
                    THEN CAST(settings->>'waitlistOfferHours' AS int) END
        FROM "Tenant" WHERE id = :tenant), CAST(:hours AS int)))
""").bindparams(bindparam("sessions", type_=ARRAY(Integer)))


def offer_freed_seats(
    connection: Connection, tenant_id: int, session_ids: Sequence[int], now: datetime
) -> int:
    """Offer the free seats of these sessions (ids, not numbers) to who waits, in order; how many it were.

    Whoever frees a seat calls it in the same transaction, after the booking's row: it settles the offers that
    are over as well. It locks the sessions in order, then the month's counter, so nothing is locked after it.
    Nobody is offered anything by a school that is suspended or whose plan is used up. What costs money is
    paid for when it is accepted.
    """
    if not session_ids:
        return 0
    asked = {"tenant": tenant_id, "sessions": sorted(set(session_ids)), "now": now, "hours": HOLD_HOURS}
    return int(connection.execute(_OFFER, asked).scalar_one())
