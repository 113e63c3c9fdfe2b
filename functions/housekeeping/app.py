"""Every minute: holds that have run out are ended, seats offered on, domains looked at, and so on."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from sqlalchemy import Connection

from shared.bookings.expire_holds import expire_holds
from shared.clients.dns_txt import TxtResolver
from shared.config import Settings
from shared.database import connect_database, in_platform
from shared.domains.recheck_domains import recheck_domains
from shared.edge.problems import as_problem
from shared.idempotency.forget_keys import forget_keys
from shared.outbox.forget_messages import forget_messages
from shared.telemetry import logger, metrics
from shared.throttling.forget_request_counts import forget_request_counts
from shared.workshops.sweep_waitlists import sweep_waitlists

Chore = Callable[[datetime], dict[str, int]]

# More than a batch of holds takes.
RESERVE_MILLISECONDS = 10_000
FORGOTTEN_AT_ONCE = 5_000

Forgetting = Callable[[Connection, int], int]


class HousekeepingSettings(Settings):
    ops_database_url: str
    nameserver: str


settings = HousekeepingSettings.from_environment()
platform = connect_database(settings.ops_database_url)
resolver = TxtResolver(settings.nameserver)


@logger.inject_lambda_context(clear_state=True)
def handler(_: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    def has_time() -> bool:
        return context.get_remaining_time_in_millis() > RESERVE_MILLISECONDS

    done: dict[str, Any] = {
        "expired": 0,
        "offered": 0,
        "closed": 0,
        "forgotten": 0,
        "domains": 0,
        "failed": 0,
    }
    chores: tuple[Chore, ...] = (
        lambda now: end_holds(now, has_time),
        lambda now: sweep(now, has_time),
        forget,
        lambda now: forget_in_batches(lambda c, batch: forget_messages(c, now, batch), has_time),
        lambda _: forget_in_batches(forget_keys, has_time),
        lambda now: look_at_domains(now, has_time),
    )
    for chore in chores:
        carry_out(chore, done)
    logger.info("house kept", **done)
    if done["failed"]:
        metrics.add_metric(name="HousekeepingFailed", unit=MetricUnit.Count, value=done["failed"])
        metrics.flush_metrics()
    return done


def carry_out(chore: Chore, done: dict[str, Any]) -> None:
    """One chore's trouble does not keep the others from being done."""
    try:
        counted = chore(datetime.now(UTC))
    except Exception as error:  # noqa: BLE001  # whatever it was, the others are done
        logger.warning("chore failed", code=as_problem(error).code)
        counted = {"failed": 1}
    for name, count in counted.items():
        done[name] += count


def end_holds(now: datetime, has_time: Callable[[], bool]) -> dict[str, int]:
    ended = expire_holds(platform, now, has_time)
    return {"expired": ended.expired, "failed": ended.failed}


def sweep(now: datetime, has_time: Callable[[], bool]) -> dict[str, int]:
    swept = sweep_waitlists(platform, now, has_time)
    return {"offered": swept.offered, "closed": swept.closed, "failed": swept.failed}


def forget(now: datetime) -> dict[str, int]:
    return {"forgotten": in_platform(platform, lambda c: forget_request_counts(c, now))}


def forget_in_batches(some: Forgetting, has_time: Callable[[], bool]) -> dict[str, int]:
    """What is left when the time is up waits for the next minute."""
    forgotten, batch = 0, FORGOTTEN_AT_ONCE
    while batch == FORGOTTEN_AT_ONCE and has_time():
        batch = in_platform(platform, lambda c: some(c, FORGOTTEN_AT_ONCE))
        forgotten += batch
    return {"forgotten": forgotten}


def look_at_domains(now: datetime, has_time: Callable[[], bool]) -> dict[str, int]:
    seen = recheck_domains(platform, resolver, now, has_time)
    logger.info("domains looked at", **asdict(seen))
    return {"domains": seen.proven + seen.missing + seen.released + seen.unknown}
