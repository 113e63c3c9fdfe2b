"""Pulling what changed in a stream of a school's Immersio, a page and a transaction at a time."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, Row

from shared.clients.immersio import Immersio
from shared.clients.immersio_errors import ImmersioFailed
from shared.database import in_tenant
from shared.immersio.account import ImmersioOf, gated
from shared.immersio.connected_schools import find_account
from shared.immersio.gate import Timing
from shared.immersio.position import (
    PULLED_EVERY,
    Position,
    TakenOver,
    finish,
    keep_failure,
    keep_position,
    take_position,
)
from shared.immersio.streams import Stream, StreamPage
from shared.immersio.sweep import end_sweep, forget_sightings, see
from shared.tenant_scope import of_tenant

MayGoOn = Callable[[], bool]


class Outcome(StrEnum):
    FINISHED = "finished"
    OUT_OF_TIME = "out_of_time"
    TAKEN_OVER = "taken_over"
    NOT_TO_BE_SYNCED = "not_to_be_synced"
    FAILED = "failed"


@dataclass
class Pull:
    """How a pull went: `counts` of rows by what became of them, `code` of what it failed for."""

    outcome: Outcome
    counts: Counter[str] = field(default_factory=Counter)
    code: str | None = None


@dataclass(frozen=True)
class _Worker:
    database: Engine
    stream: Stream
    immersio: Immersio
    now: Callable[[], datetime]


def pull_stream(
    database: Engine,
    tenant_id: int,
    stream: Stream,
    immersio_of: ImmersioOf,
    timing: Timing,
    may_go_on: MayGoOn,
) -> Pull:
    """Pull until nothing is left, `may_go_on` says no, or another worker takes over.

    It is given the engine because no transaction is open while Immersio is asked. What fails is kept in the
    state, with the time to go on; nothing is raised for it.
    """
    opening = of_tenant(tenant_id)

    def begin(connection: Connection) -> tuple[Row[Any] | None, Position | None]:
        account = find_account(connection, tenant_id)
        return account, account and _begin(connection, tenant_id, stream, timing.now())

    account, position = in_tenant(database, opening, begin)
    if account is None or position is None:
        return Pull(Outcome.NOT_TO_BE_SYNCED)
    pull = Pull(Outcome.OUT_OF_TIME)
    immersio = gated(database, tenant_id, account, immersio_of, timing)
    worker = _Worker(database, stream, immersio, timing.now)
    try:
        _follow(worker, position, may_go_on, pull)
    except TakenOver:
        pull.outcome = Outcome.TAKEN_OVER
    except ImmersioFailed as error:
        failure = error
        in_tenant(database, opening, lambda c: keep_failure(c, position, failure, timing.now()))
        pull.outcome, pull.code = Outcome.FAILED, failure.code
    return pull


def _begin(connection: Connection, tenant_id: int, stream: Stream, now: datetime) -> Position:
    position = take_position(connection, tenant_id, stream.name, now)
    if not position.is_at_the_start:
        return position
    return replace(position, scope=tuple(stream.scope(connection, tenant_id)))


def _follow(worker: _Worker, position: Position, may_go_on: MayGoOn, pull: Pull) -> None:
    may_restart = True
    while may_go_on():
        try:
            page = _next_page(worker, position)
        except ImmersioFailed as failure:
            if not (failure.forgot_our_place and may_restart) or position.is_at_the_very_start:
                raise
            position, may_restart = position.from_the_start(), False
            continue
        was_first, position = position.is_at_the_start, position.after(page.as_of, page.next_cursor)
        if page.is_incomplete:
            position = replace(position, is_sweep=False)
        pull.counts += _keep(worker, position, page, is_first=was_first)
        if page.next_cursor is None:
            pull.outcome = Outcome.FINISHED
            return


def _next_page(worker: _Worker, position: Position) -> StreamPage:
    page = worker.stream.fetch(worker.immersio, position)
    if page.next_cursor is not None and page.next_cursor == position.cursor:
        raise ImmersioFailed("cursor_stands_still", retryable=True)
    return page


def _keep(worker: _Worker, position: Position, page: StreamPage, *, is_first: bool) -> Counter[str]:
    """A page's rows and its cursor, in one transaction: a crash loses a page at most, and never half."""
    tenant, stream, now = position.tenant_id, worker.stream, worker.now()

    def kept(connection: Connection) -> Counter[str]:
        keep_position(connection, position, now)
        counts = stream.merge(connection, tenant, page.data, now)
        if is_first:
            forget_sightings(connection, tenant, stream.name)
        if position.is_sweep:
            see(connection, tenant, stream.name, page.data)
        if page.next_cursor is None:
            if position.is_sweep:
                counts += end_sweep(connection, tenant, stream.name, now)
            finish(connection, position, now, now + PULLED_EVERY)
        return counts

    return in_tenant(worker.database, of_tenant(tenant), kept)
