"""Who changes a booking."""

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["ATTENDEE", "STAFF", "SYSTEM"]


@dataclass(frozen=True, slots=True)
class Actor:
    """`user_id` is somebody of the staff of the booking's own school; a super admin of elsewhere has none."""

    kind: ActorKind
    user_id: int | None = None


ATTENDEE = Actor("ATTENDEE")
SYSTEM = Actor("SYSTEM")

# As Cal.com keeps it, for SQL in which the booking is b; parameters actor and actor_id.
EMAIL_OF_ACTOR = """CASE CAST(:actor AS text)
    WHEN 'ATTENDEE' THEN (SELECT email FROM "Attendee"
                          WHERE "bookingId" = b.id AND "tenantId" = b."tenantId" ORDER BY id LIMIT 1)
    WHEN 'STAFF' THEN (SELECT email FROM users
                       WHERE id = CAST(:actor_id AS int) AND "tenantId" = b."tenantId") END"""
