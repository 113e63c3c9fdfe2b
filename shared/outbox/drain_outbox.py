"""The outbox is carried out: each message once, unless a worker dies between the deed and its mark.

No transaction is open while a message is carried out. It is taken with a lease, carried out, and marked in
a transaction of its own right after, so that the time in which a death means a second deed is short.
"""

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from shared.database import in_platform
from shared.errors import Problem
from shared.outbox.claim_messages import Message, claim_messages
from shared.outbox.retry_delay import retry_delay
from shared.outbox.settle_messages import give_back, mark_handled, park, postpone
from shared.telemetry import logger

MOST_ATTEMPTS = 20

Carrier = Callable[[Message], None]
Clock = Callable[[], datetime]


class TopicNotKnown(Problem):
    """A newer version wrote it, or an older one: it is kept until there is somebody who knows."""

    status, code, title = 422, "topic_not_known", "Nobody carries out messages of this topic"


class WorkersLost(Problem):
    """Each attempt ended with its worker and left no other trace."""

    status, code, title = 422, "workers_lost", "No worker survives this message"


@dataclass(slots=True)
class Drained:
    """Counts of messages; `failed` ones are tried again."""

    handled: int = 0
    failed: int = 0
    parked: int = 0


def drain_outbox(
    database: Engine, carriers: Mapping[str, Carrier], clock: Clock, has_time: Callable[[], bool]
) -> Drained:
    """Carry out what is due, by topic, until nothing is or there is no time left.

    A carrier raises what keeps it from its work. A `Problem` that blames the message (a status below 500)
    parks it at once, anything else has it tried again, 20 times in all.
    """
    drained = Drained()
    while has_time():
        messages = in_platform(database, lambda c: claim_messages(c, clock()))
        if not messages:
            break
        for position, message in enumerate(messages):
            if not has_time():
                _give_back(database, messages[position:], clock())
                break
            _carry_out(database, carriers, message, clock, drained)
    return drained


def _carry_out(
    database: Engine, carriers: Mapping[str, Carrier], message: Message, clock: Clock, drained: Drained
) -> None:
    try:
        _refuse_deadly(message)
        carriers.get(message.topic, _unknown)(message)
    except Exception as error:  # noqa: BLE001  # whatever it was, the others are carried out
        _settle_failure(database, message, error, clock(), drained)
    else:
        in_platform(database, lambda c: mark_handled(c, message, clock()))
        drained.handled += 1


def _settle_failure(
    database: Engine, message: Message, error: Exception, now: datetime, drained: Drained
) -> None:
    code = _code(error)
    parked = message.attempts >= MOST_ATTEMPTS or _is_final(error)
    _tell(message, error, code, parked=parked)
    if parked:
        in_platform(database, lambda c: park(c, message, code, now))
        drained.parked += 1
    else:
        until = now + retry_delay(message.attempts)
        in_platform(database, lambda c: postpone(c, message, code, until))
        drained.failed += 1


def _give_back(database: Engine, messages: Sequence[Message], now: datetime) -> None:
    in_platform(database, lambda c: give_back(c, messages, now))


def _unknown(_: Message) -> None:
    raise TopicNotKnown


def _refuse_deadly(message: Message) -> None:
    if message.attempts > MOST_ATTEMPTS:
        raise WorkersLost


def _is_final(error: Exception) -> bool:
    return isinstance(error, Problem) and error.status < 500


def _code(error: Exception) -> str:
    """A code and never a message: those of strangers quote addresses."""
    return error.code if isinstance(error, Problem) else type(error).__name__


def _tell(message: Message, error: Exception, code: str, *, parked: bool) -> None:
    logger.warning(
        "outbox message parked" if parked else "outbox message failed",
        message_id=message.id,
        tenant_id=message.tenant_id,
        topic=message.topic,
        attempts=message.attempts,
        code=code,
        reason=error.detail if isinstance(error, Problem) else _place(error),
    )


def _place(error: Exception) -> str:
    """Where in the code it came from."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{last.filename}:{last.lineno} {last.name}"
