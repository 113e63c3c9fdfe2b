"""Who is meant by an address or by the id of an account."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from sqlalchemy import Connection, text

from shared.fields import normalised_email
from shared.people.errors import PersonNotFound

# What stands where an address was; no mail is written to it. RFC 2606 keeps the domain from being anybody's.
ERASED_DOMAIN = "@erased.invalid"

LONGEST_ID = 10

_ACCOUNT = text("""
    SELECT id, email, "tenantRole" <> 'STUDENT' AND NOT locked AS is_active_staff FROM users
    WHERE "tenantId" = :tenant AND (id = CAST(:id AS int) OR lower(email) = :email)
""")
_BOOKED = text("""
    SELECT DISTINCT "bookingId" AS id FROM "Attendee"
    WHERE "tenantId" = :tenant AND lower(email) = :email AND "bookingId" IS NOT NULL ORDER BY 1
""")


@dataclass(frozen=True, slots=True)
class Person:
    """`email` in lower case; `user_id` is None for who has no account; `booking_ids` those they come to."""

    email: str
    user_id: int | None
    booking_ids: Sequence[int]
    is_active_staff: bool = False


def find_person(connection: Connection, tenant_id: int, named: str) -> Person:
    """`named` is an address, also with its `@` as `%40`, or an id. Raises PersonNotFound."""
    is_id = named.isascii() and named.isdigit() and len(named) <= LONGEST_ID and int(named) < 1 << 31
    asked = {"id": int(named) if is_id else None, "email": None if is_id else _address(named)}
    row = connection.execute(_ACCOUNT, {"tenant": tenant_id, **asked}).one_or_none()
    if row is None and is_id:
        raise PersonNotFound
    email = str(asked["email"]) if row is None else row.email.lower()
    booked = connection.execute(_BOOKED, {"tenant": tenant_id, "email": email}).scalars().all()
    if row is None:
        return Person(email, None, booked)
    return Person(email, row.id, booked, is_active_staff=row.is_active_staff)


def _address(named: str) -> str:
    try:
        return normalised_email(unquote(named) if "@" not in named else named)
    except ValueError:
        raise PersonNotFound from None
