"""A request that is sent again under its Idempotency-Key gets the first answer, and is not carried out again.

For what is no booking: those keep their keys themselves (shared/bookings/first_answers.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Generic, TypeVar

from pydantic import BaseModel
from sqlalchemy import Connection, text

from shared.errors import IdempotencyKeyInUse, IdempotencyKeyReused

Model = TypeVar("Model", bound=BaseModel)

# The look is a statement of its own: it sees what whoever held the lock before has committed.
_CLAIM = text("SELECT pg_try_advisory_xact_lock(:tenant, hashtext(:key))")
_FIND = text("""
    SELECT "requestHash" AS request_hash, answer FROM "IdempotencyKey"
    WHERE "tenantId" = :tenant AND key = :key
""")
_KEEP = text("""
    INSERT INTO "IdempotencyKey" ("tenantId", key, "requestHash", answer)
    VALUES (:tenant, :key, :hash, CAST(:answer AS jsonb))
""")


@dataclass(frozen=True, slots=True)
class Answered(Generic[Model]):
    """The answer, and whether it was given before to the same key."""

    answer: Model
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """Whose keys these are, the `operation`, the key or None, and a digest of what is asked."""

    tenant_id: int
    operation: str
    key: str | None
    hash: str

    @property
    def kept_as(self) -> str:
        """No key of a client's has a line break in it: operations do not meet each other's.

        A digest, so that the longest key is kept as well.
        """
        return f"{self.operation}\n{sha256(str(self.key).encode()).hexdigest()}"


def answer_once(
    connection: Connection, request: Request, model: type[Model], carry_out: Callable[[], Model]
) -> Answered[Model]:
    """What `carry_out` answers, a `model`, which is kept for the key; or what it answered before.

    Nothing secret may be in it. Raises IdempotencyKeyInUse, IdempotencyKeyReused.
    """
    if request.key is None:
        return Answered(carry_out())
    key = {"tenant": request.tenant_id, "key": request.kept_as}
    if connection.execute(_CLAIM, key).scalar_one() is False:
        raise IdempotencyKeyInUse
    first = connection.execute(_FIND, key).one_or_none()
    if first is None:
        answer = carry_out()
        kept = answer.model_dump_json(by_alias=True)
        connection.execute(_KEEP, {**key, "hash": request.hash, "answer": kept})
        return Answered(answer)
    if first.request_hash != request.hash:
        raise IdempotencyKeyReused
    return Answered(model.model_validate(first.answer), replayed=True)
