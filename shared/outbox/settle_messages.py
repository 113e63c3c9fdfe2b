"""What becomes of a message that was taken: handled, tried again, given up, or given back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, Connection, bindparam, text

from shared.outbox.claim_messages import Message

_AT = "CAST(:at AS timestamptz) AT TIME ZONE 'UTC'"

# A worker that outlived its lease must not undo what the next one achieved.
HANDLED = text(f"""
    UPDATE "OutboxMessage" SET "handledAt" = {_AT}, "errorCode" = NULL
    WHERE id = :id AND "tenantId" = :tenant AND "handledAt" IS NULL
""")  # noqa: S608  # only the constant above is put in
POSTPONED = text(f"""
    UPDATE "OutboxMessage" SET "availableAt" = {_AT}, "errorCode" = :code
    WHERE id = :id AND "tenantId" = :tenant AND "handledAt" IS NULL
""")  # noqa: S608  # the same
PARKED = text(f"""
    UPDATE "OutboxMessage" SET "parkedAt" = {_AT}, "errorCode" = :code
    WHERE id = :id AND "tenantId" = :tenant AND "handledAt" IS NULL
""")  # noqa: S608  # the same
GIVEN_BACK = text(f"""
    UPDATE "OutboxMessage" SET "availableAt" = {_AT}, attempts = attempts - 1
    WHERE id = ANY(:ids) AND "handledAt" IS NULL
""").bindparams(bindparam("ids", type_=ARRAY(BigInteger)))  # noqa: S608  # the same


def mark_handled(connection: Connection, message: Message, at: datetime) -> None:
    """It is done and is not taken again."""
    connection.execute(HANDLED, {**_key(message), "at": at})


def postpone(connection: Connection, message: Message, code: str, until: datetime) -> None:
    """It failed with `code` and is due again at `until`."""
    connection.execute(POSTPONED, {**_key(message), "at": until, "code": code})


def park(connection: Connection, message: Message, code: str, at: datetime) -> None:
    """It failed with `code` and waits for a person."""
    connection.execute(PARKED, {**_key(message), "at": at, "code": code})


def give_back(connection: Connection, messages: Sequence[Message], at: datetime) -> None:
    """They were taken and not begun, and are due at once."""
    connection.execute(GIVEN_BACK, {"ids": [message.id for message in messages], "at": at})


def _key(message: Message) -> dict[str, int]:
    return {"id": message.id, "tenant": message.tenant_id}
