"""Pushing a school's bookings to its Immersio: each with its enrolment, as they are now.

What is over is first written as cancelled and then taken away: a write that was late on the way finds a
newer version there and cannot bring it back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from sqlalchemy import Connection, Engine, Row

from shared.clients.immersio import Immersio
from shared.clients.immersio_errors import OURS, ImmersioFailed
from shared.database import in_tenant
from shared.immersio.account import ImmersioOf, gated
from shared.immersio.booking_writes import BookingWrites
from shared.immersio.connected_schools import find_account
from shared.immersio.gate import Timing
from shared.immersio.log_rows import done, failed, log_rows
from shared.immersio.position import PULLED_EVERY, Position, TakenOver, finish, keep_failure, take_position
from shared.immersio.pull_stream import MayGoOn, Outcome, Pull
from shared.immersio.pushed_bookings import (
    PushedBooking,
    due_pushes,
    keep_failed,
    keep_held_up,
    keep_pushed,
    next_due,
    note_pushes,
)
from shared.tenant_scope import of_tenant

STREAM = "bookings"


class _HeldUp(Exception):
    """Nothing can be told for the moment; no booking is to blame."""

    def __init__(self, failure: ImmersioFailed) -> None:
        super().__init__(failure.code)
        self.failure = failure


@dataclass(frozen=True)
class _Worker:
    database: Engine
    tenant_id: int
    immersio: Immersio
    now: Callable[[], datetime]

    def in_tenant(self, work: Callable[[Connection], Any]) -> Any:
        return in_tenant(self.database, of_tenant(self.tenant_id), work)


def push_bookings(
    database: Engine, tenant_id: int, immersio_of: ImmersioOf, timing: Timing, may_go_on: MayGoOn
) -> Pull:
    """Push what Immersio does not know until nothing is due or `may_go_on` says no; counts bookings.

    No transaction is open while Immersio is told. What fails is kept with the time to go on.
    """
    opening, now = of_tenant(tenant_id), timing.now()
    account, position = in_tenant(database, opening, lambda c: _begin(c, tenant_id, now))
    if account is None or position is None:
        return Pull(Outcome.NOT_TO_BE_SYNCED)
    pull = Pull(Outcome.OUT_OF_TIME)
    immersio = gated(database, tenant_id, account, immersio_of, timing)
    worker = _Worker(database, tenant_id, immersio, timing.now)
    try:
        _push_all(worker, position, may_go_on, pull)
    except TakenOver:
        pull.outcome = Outcome.TAKEN_OVER
    except _HeldUp as held:
        failure = held.failure
        worker.in_tenant(lambda c: _keep_held_up(c, position, failure, timing.now()))
        pull.outcome, pull.code = Outcome.FAILED, failure.code
    return pull


def _begin(connection: Connection, tenant_id: int, now: datetime) -> tuple[Row[Any] | None, Position | None]:
    account = find_account(connection, tenant_id)
    if account is None:
        return None, None
    position = take_position(connection, tenant_id, STREAM, now)
    note_pushes(connection, tenant_id, now)
    return account, position


def _keep_held_up(connection: Connection, position: Position, failure: ImmersioFailed, now: datetime) -> None:
    keep_held_up(connection, position.tenant_id, failure.code, now)
    keep_failure(connection, position, failure, now)


def _push_all(worker: _Worker, position: Position, may_go_on: MayGoOn, pull: Pull) -> None:
    while may_go_on():
        bookings = worker.in_tenant(lambda c: _next_batch(c, position, worker.now()))
        if not bookings:
            pull.outcome = Outcome.FINISHED
            return
        for booking in bookings:
            if not may_go_on():
                return
            pull.counts[_push(worker, booking)] += 1


def _next_batch(connection: Connection, position: Position, now: datetime) -> list[PushedBooking]:
    """Under the fence; the end of the pass when nothing is due."""
    found = due_pushes(connection, position.tenant_id, now)
    later = next_due(connection, position.tenant_id) if not found else None
    due = min(filter(None, (later, now + PULLED_EVERY)))
    finish(connection, position, now, due)
    return found


def _push(worker: _Worker, booking: PushedBooking) -> str:
    """What became of it; each write is logged."""
    writes = BookingWrites(worker.immersio, booking)
    try:
        writes.put() if booking.is_live else writes.remove()
    except ImmersioFailed as error:
        if error.code in OURS or error.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS):
            raise _HeldUp(error) from error
        failure = error
        worker.in_tenant(lambda c: _note_failure(c, worker, writes, failure))
        return "failed"
    worker.in_tenant(lambda c: _note_done(c, worker, writes))
    return "pushed" if booking.is_live else "removed"


def _note_done(connection: Connection, worker: _Worker, writes: BookingWrites) -> None:
    booking = writes.booking
    keep_pushed(connection, worker.tenant_id, booking, writes.student_id, writes.enrollment_id, worker.now())
    _log(connection, worker.tenant_id, writes)


def _note_failure(
    connection: Connection, worker: _Worker, writes: BookingWrites, failure: ImmersioFailed
) -> None:
    booking = writes.booking
    keep_failed(
        connection, worker.tenant_id, booking, failure.code, worker.now(), is_final=not failure.retryable
    )
    _log(connection, worker.tenant_id, writes)
    row = failed(booking.uid, failure.code, retries=booking.attempts, metadata={"version": booking.version})
    log_rows(connection, worker.tenant_id, writes.kind, "PUSH", [row])


def _log(connection: Connection, tenant_id: int, writes: BookingWrites) -> None:
    for kind, action in writes.made.items():
        row = done(writes.booking.uid, action=action, version=writes.booking.version)
        log_rows(connection, tenant_id, kind, "PUSH", [{**row, "retries": writes.booking.attempts}])
