"""Somebody joins the staff of a school and is invited by mail."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from shared.staff.errors import EmailTaken
from shared.staff.schemas import Role

# Staff addresses are unique over all schools, of which the statement may see one: a conflict is a row less.
_ADD = text("""
    WITH added AS (
        INSERT INTO users (email, name, "tenantId", "tenantRole", "timeZone", locale, uuid, created)
        VALUES (:email, :name, :tenant, :role, :zone, :locale, gen_random_uuid(),
                CAST(:now AS timestamptz) AT TIME ZONE 'UTC')
        ON CONFLICT DO NOTHING RETURNING id
    ), invited AS (
        INSERT INTO "OutboxMessage" ("tenantId", topic, payload)
        SELECT :tenant, 'staff.invited', jsonb_build_object('userId', id) FROM added
    )
    SELECT id FROM added
""")


@dataclass(frozen=True, slots=True)
class NewColleague:
    """The address is normalised; the zone an IANA name."""

    name: str
    email: str
    time_zone: str
    locale: str


def add_staff(connection: Connection, tenant_id: int, role: Role, who: NewColleague, now: datetime) -> int:
    """Their id. Raises EmailTaken when somebody has the address, at whatever school."""
    asked = {"tenant": tenant_id, "role": role, "email": who.email, "name": who.name,
             "zone": who.time_zone, "locale": who.locale, "now": now}  # fmt: skip
    added = connection.execute(_ADD, asked).scalar_one_or_none()
    if added is None:
        raise EmailTaken
    return int(added)
