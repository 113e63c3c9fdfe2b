"""What a request of the staff makes is made once for its Idempotency-Key."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Generic, TypeVar

from pydantic import BaseModel
from sqlalchemy import Connection, text

from shared.bookings.idempotency import request_hash
from shared.errors import IdempotencyKeyInUse, IdempotencyKeyReused
from shared.staff.find_staff import StaffMember

View = TypeVar("View", bound=BaseModel)

# The look is a statement of its own: it sees what whoever held the lock before has committed.
_CLAIM = text("SELECT pg_try_advisory_xact_lock(:tenant, hashtext(:key))")
_FIND = text("""
    SELECT "requestHash" AS request_hash, CAST(answer->>'id' AS int) AS id FROM "IdempotencyKey"
    WHERE "tenantId" = :tenant AND key = :key
""")
_REMEMBER = text("""
    INSERT INTO "IdempotencyKey" ("tenantId", key, "requestHash", answer)
    VALUES (:tenant, :key, :hash, jsonb_build_object('id', CAST(:id AS int)))
""")


@dataclass(frozen=True, slots=True)
class Made(Generic[View]):
    """What was made, or what an earlier request with the same key made."""

    view: View
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks for what (`kind`, as `eventType`), by which Idempotency-Key."""

    staff: StaffMember
    kind: str
    command: BaseModel
    key: str | None

    @property
    def stored_key(self) -> str:
        """A digest, so that no key of a student's is ever the same."""
        return "staff " + sha256(f"{self.staff.id} {self.key}".encode()).hexdigest()


def made_once(
    connection: Connection, request: Request, make: Callable[[], int], show: Callable[[int], View]
) -> Made[View]:
    """What `make` returns the id of, as `show` shows it; a key that was used makes nothing more.

    Raises IdempotencyKeyInUse, IdempotencyKeyReused, and what both raise.
    """
    if request.key is None:
        return Made(show(make()))
    known = {"tenant": request.staff.tenant.id, "key": request.stored_key}
    if connection.execute(_CLAIM, known).scalar_one() is False:
        raise IdempotencyKeyInUse
    hashed = request_hash(request.command, request.kind)
    first = connection.execute(_FIND, known).one_or_none()
    if first is None:
        made = make()
        connection.execute(_REMEMBER, {**known, "hash": hashed, "id": made})
        return Made(show(made))
    if first.request_hash != hashed:
        raise IdempotencyKeyReused
    return Made(show(first.id), replayed=True)
