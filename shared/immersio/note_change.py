"""Bookings have changed: when Immersio is to know of one, its pushes are due."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ARRAY, Connection, Integer, bindparam, text

# What exactly has changed the push finds out itself, by comparing.
_NOTE = text("""
    INSERT INTO "ImmersioSyncState" AS s ("tenantId", stream, "dueAt")
    SELECT :tenant, 'bookings', CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
    WHERE EXISTS (SELECT FROM "Booking" b
        JOIN "EventType" e ON e.id = b."eventTypeId" AND e."tenantId" = b."tenantId"
        WHERE b.id = ANY(:ids) AND b."tenantId" = :tenant AND e."immersioCourseId" IS NOT NULL)
    ON CONFLICT ("tenantId", stream) DO UPDATE SET "dueAt" = least(s."dueAt", excluded."dueAt")
""").bindparams(bindparam("ids", type_=ARRAY(Integer)))


def note_change(connection: Connection, tenant_id: int, booking_ids: Sequence[int], now: datetime) -> None:
    """Safe to repeat; of bookings that Immersio has no course for nothing is written."""
    connection.execute(_NOTE, {"tenant": tenant_id, "ids": list(booking_ids), "now": now})
