"""An outbox for tests: at NOW everything that was put in is due."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from shared.outbox.claim_messages import Message
from shared.outbox.drain_outbox import Drained, drain_outbox
from tests.databases import TestDatabase

NOW = datetime(2026, 12, 7, 12, 0, tzinfo=UTC)


def put(
    database: TestDatabase, tenant_id: int, count: int = 1, topic: str = "told", attempts: int = 0
) -> None:
    """Messages of a school, due since an hour before NOW; the payload numbers them."""
    database.rows(
        """INSERT INTO "OutboxMessage" ("tenantId", topic, payload, attempts, "availableAt")
           SELECT :t, :topic, jsonb_build_object('number', n), :attempts, '2026-12-07 11:00'
           FROM generate_series(1, :count) n ORDER BY n""",
        t=tenant_id,
        topic=topic,
        attempts=attempts,
        count=count,
    )


def messages(database: TestDatabase) -> list[dict[str, Any]]:
    """What became of all of them, in the order in which they were put in."""
    return database.rows(
        """SELECT attempts, "errorCode" AS code, "availableAt" AS due, "handledAt" AS handled,
                  "parkedAt" AS parked FROM "OutboxMessage" ORDER BY id"""
    )


def only(database: TestDatabase) -> dict[str, Any]:
    """What became of the one message."""
    (message,) = messages(database)
    return message


@dataclass
class Listener:
    """A carrier that remembers what it was told, and fails as told."""

    fails_with: Exception | None = None
    heard: list[Message] = field(default_factory=list)

    def __call__(self, message: Message) -> None:
        self.heard.append(message)
        if self.fails_with is not None:
            raise self.fails_with


def drain(
    ops: Engine,
    carrier: Callable[[Message], None],
    *,
    after: timedelta = timedelta(),
    has_time: Callable[[], bool] = lambda: True,
) -> Drained:
    """A worker's run at NOW or later; the clock stands still meanwhile."""
    return drain_outbox(ops, {"told": carrier}, clock=lambda: NOW + after, has_time=has_time)
