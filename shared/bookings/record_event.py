"""What happened to a booking is written down: who did what, and when."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Integer, Text, bindparam, text

from shared.bookings.actors import Actor
from shared.bookings.transitions import Change

EventType = Change | Literal["SEAT_OFFERED", "NO_SHOW", "NO_SHOW_UNDONE"]

_RECORD = text("""
    INSERT INTO "BookingEvent" ("tenantId", "bookingId", type, actor, "actorId", details, "createdAt")
    VALUES (:tenant, :booking, :type, :actor, :actor_id, CAST(:details AS jsonb),
            CAST(:now AS timestamptz) AT TIME ZONE 'UTC')
""").bindparams(bindparam("actor_id", type_=Integer), bindparam("details", type_=Text))


def record_event(
    connection: Connection,
    tenant_id: int,
    booking_id: int,
    kind: EventType,
    by: Actor,
    now: datetime,
    details: Mapping[str, Any] | None = None,
) -> None:
    """One event of one booking; `details` is what only this kind of event has to say."""
    connection.execute(
        _RECORD,
        {
            "tenant": tenant_id,
            "booking": booking_id,
            "type": kind,
            "actor": by.kind,
            "actor_id": by.user_id,
            "details": json.dumps(details) if details else None,
            "now": now,
        },
    )
