"""A request that is sent again under its Idempotency-Key finds what came of the first."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from shared.errors import IdempotencyKeyInUse, IdempotencyKeyReused
from shared.tenant_scope import CURRENT_TENANT

# The look is a statement of its own: it sees what whoever held the lock before has committed.
_CLAIM = text(f"SELECT pg_try_advisory_xact_lock({CURRENT_TENANT}, hashtext(:key))")
_FIND = text(f"""
    SELECT k."requestHash" AS request_hash, k.answer, b.uid, b."manageToken" AS manage_token
    FROM "IdempotencyKey" k JOIN "Booking" b ON b.id = k."bookingId" AND b."tenantId" = k."tenantId"
    WHERE k."tenantId" = {CURRENT_TENANT} AND k.key = :key
""")  # noqa: S608  # only the constant above is put in
_REMEMBER = text("""
    INSERT INTO "IdempotencyKey" ("tenantId", key, "requestHash", "bookingId", answer)
    VALUES (:tenant, :key, :hash, :booking, CAST(:answer AS jsonb))
""")


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """The booking that came of it, and the answer as it was told, with the token."""

    request_hash: str
    uid: str
    told: dict[str, Any]

    def require_same(self, request_hash: str) -> None:
        """Raises IdempotencyKeyReused when the key was another request's."""
        if self.request_hash != request_hash:
            raise IdempotencyKeyReused


def find_first_answer(connection: Connection, key: str | None) -> FirstAnswer | None:
    """What the key was answered; holds the key until the transaction ends. Raises IdempotencyKeyInUse."""
    if key is None:
        return None
    if connection.execute(_CLAIM, {"key": key}).scalar_one() is False:
        raise IdempotencyKeyInUse
    row = connection.execute(_FIND, {"key": key}).one_or_none()
    if row is None:
        return None
    return FirstAnswer(row.request_hash, row.uid, {**row.answer, "manageToken": row.manage_token})


def remember_answer(
    connection: Connection,
    tenant_id: int,
    key: str | None,
    request_hash: str,
    booking_id: int,
    answer: dict[str, Any],
) -> None:
    """Keep the answer for the key, which `find_first_answer` holds; it must not have the token in it."""
    if key is not None:
        connection.execute(_REMEMBER, {
            "tenant": tenant_id,
            "key": key,
            "hash": request_hash,
            "booking": booking_id,
            "answer": json.dumps(answer),
        })  # fmt: skip
