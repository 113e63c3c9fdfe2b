"""What Stripe has told is noted at the checkouts that it is about; the worker then asks Stripe itself.

An event is a hint and never believed: what follows from it is read from Stripe with the school's own key.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, text

BATCH = 200
PER_SCHOOL = 20

_WAITING = '"handledAt" IS NULL'

_UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"

# The schools are found by leaps over the index, so that none waits for another's flood. An event of the other
# mode is of nothing that the school has sold in this one.
_NOTE = text(f"""
    WITH RECURSIVE at AS (SELECT CAST(:now AS timestamptz) AT TIME ZONE 'UTC' AS now),
    schools AS (
        (SELECT "tenantId" AS id FROM "WebhookEvent" WHERE {_WAITING}
         ORDER BY "tenantId", "receivedAt", "eventId" LIMIT 1)
        UNION ALL
        SELECT (SELECT "tenantId" FROM "WebhookEvent" WHERE {_WAITING} AND "tenantId" > schools.id
                ORDER BY "tenantId", "receivedAt", "eventId" LIMIT 1)
        FROM schools WHERE schools.id IS NOT NULL
    ), due AS MATERIALIZED (
        SELECT next.* FROM schools CROSS JOIN LATERAL (
            SELECT "tenantId", provider, "eventId", payload->'livemode' = 'true' AS livemode,
                   payload->'data'->'object' AS object, payload->'data'->'object'->>'object' AS kind
            FROM "WebhookEvent" WHERE "tenantId" = schools.id AND {_WAITING}
            ORDER BY "receivedAt", "eventId" LIMIT :per_school) next
        LIMIT :batch
    ), named AS (
        SELECT due.*, CASE kind WHEN 'checkout.session' THEN object->>'id' END AS session,
               CASE kind WHEN 'payment_intent' THEN object->>'id'
                         ELSE object->>'payment_intent' END AS intent,
               CASE WHEN object->'metadata'->>'checkout' ~ '{_UUID}'
                    THEN CAST(object->'metadata'->>'checkout' AS uuid) END AS checkout
        FROM due WHERE jsonb_typeof(object) = 'object'
    ), meant AS (
        SELECT n."tenantId", n."eventId", c.id, CASE WHEN c.id = n.checkout THEN n.session END AS session
        FROM named n JOIN "Checkout" c ON c."tenantId" = n."tenantId" AND c.livemode = n.livemode
            AND (c."sessionId" = n.session OR c."paymentIntentId" = n.intent OR c.id = n.checkout)
    ), woken AS (
        UPDATE "Checkout" c SET "lookAt" = at.now, "sessionId" = coalesce(c."sessionId", told.session)
        FROM at, (SELECT id, "tenantId", max(session) AS session FROM meant GROUP BY id, "tenantId") told
        WHERE c.id = told.id AND c."tenantId" = told."tenantId"
        RETURNING c.id
    ), noted AS (
        UPDATE "WebhookEvent" w SET "handledAt" = at.now, "errorCode" = CASE WHEN NOT EXISTS (
            SELECT FROM meant WHERE meant."tenantId" = w."tenantId" AND meant."eventId" = w."eventId")
            THEN 'nothing_of_ours' END
        FROM at, due
        WHERE w."tenantId" = due."tenantId" AND w.provider = due.provider AND w."eventId" = due."eventId"
          AND w."handledAt" IS NULL
        RETURNING w."eventId"
    )
    SELECT (SELECT count(*) FROM noted) AS noted, (SELECT count(*) FROM woken) AS woken
""")  # noqa: S608  # only the constants above are put in


class Noted(NamedTuple):
    """Counts of events and of the checkouts that they are about."""

    events: int
    checkouts: int


def note_events(connection: Connection, now: datetime) -> Noted:
    """Note what waits, PER_SCHOOL events of one school at most; the role must see every school."""
    asked = {"now": now, "per_school": PER_SCHOOL, "batch": BATCH}
    row = connection.execute(_NOTE, asked).one()
    return Noted(row.noted, row.woken)
