"""Every call of a school to its host passes here: never too many a minute, none to a host that is in trouble.

The state is in the database, so that all workers share it. A host that fails again and again is left alone
for a while that grows, then one call tries it. Keys that were refused three times in a row are not tried
again until the school sets them anew.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from sqlalchemy import Connection, Engine, Row, text

from shared.clients.immersio import Document, Enrolled, Immersio, Page
from shared.clients.immersio_errors import LEFT_ALONE, PAUSED, ImmersioFailed
from shared.database import in_tenant
from shared.immersio.connected_schools import REFUSALS_THAT_PAUSE
from shared.notifications.tell_staff import tell_admins
from shared.tenant_scope import of_tenant

Told = TypeVar("Told")

# With a burst of 10, never more than 100 within any 60 seconds, as the contract allows of a key.
CALLS_A_MINUTE = 90
BURST = 10
FAILURES_THAT_CLOSE = 5
FIRST_CLOSING, LONGEST_CLOSING = timedelta(seconds=30), timedelta(minutes=5)
# Longer than a call lives: meanwhile nobody else tries a host that was in trouble.
TRIAL = timedelta(seconds=25)

_AT = "CAST(:{0} AS timestamptz) AT TIME ZONE 'UTC'"
_MAKE = text(f"""
    INSERT INTO "ImmersioGate" ("tenantId", host, "freeAt") VALUES (:tenant, :host, {_AT.format("now")})
    ON CONFLICT DO NOTHING
""")  # noqa: S608  # only the constant above is put in
_LOOK = text("""
    SELECT "freeAt" AT TIME ZONE 'UTC' AS free_at, "closedUntil" AT TIME ZONE 'UTC' AS closed_until,
           failures, refusals
    FROM "ImmersioGate" WHERE "tenantId" = :tenant AND host = :host FOR UPDATE
""")
_ENTER = text(f"""
    UPDATE "ImmersioGate" SET "freeAt" = {_AT.format("free_at")}, "closedUntil" = {_AT.format("closed_until")}
    WHERE "tenantId" = :tenant AND host = :host
""")  # noqa: S608  # only the constant above is put in
_LEAVE = text(f"""
    UPDATE "ImmersioGate" SET failures = :failures, refusals = :refusals,
           "closedUntil" = {_AT.format("closed_until")}
    WHERE "tenantId" = :tenant AND host = :host
""")  # noqa: S608  # the same
_FORGET = text('DELETE FROM "ImmersioGate" WHERE "tenantId" = :tenant')


@dataclass(frozen=True, slots=True)
class Pace:
    """What a school's key may do: calls a minute, and so many of them at once."""

    calls_a_minute: float = CALLS_A_MINUTE
    burst: int = BURST

    @property
    def interval(self) -> timedelta:
        return timedelta(minutes=1) / self.calls_a_minute


@dataclass(frozen=True, slots=True)
class Timing:
    """The clock (aware UTC) and how to wait some seconds."""

    now: Callable[[], datetime]
    wait: Callable[[float], None]
    pace: Pace = Pace()


def enter_gate(connection: Connection, tenant_id: int, host: str, now: datetime, pace: Pace) -> float:
    """Take the next free place; returns the seconds to wait for it.

    Raises ImmersioFailed when the host is left alone or the keys are known to be refused.
    """
    key = {"tenant": tenant_id, "host": host}
    connection.execute(_MAKE, {**key, "now": now})
    row = connection.execute(_LOOK, key).one()
    _refuse(row, now)
    free_at: datetime = max(row.free_at, now) + pace.interval
    is_trial = row.failures >= FAILURES_THAT_CLOSE
    closed = now + TRIAL if is_trial else None
    connection.execute(_ENTER, {**key, "free_at": free_at, "closed_until": closed})
    return max(0.0, (free_at - now - pace.interval * pace.burst).total_seconds())


def leave_gate(
    connection: Connection, tenant_id: int, host: str, failure: ImmersioFailed | None, now: datetime
) -> None:
    """Note how a call went. The third refusal in a row is told to the admins."""
    key = {"tenant": tenant_id, "host": host}
    row = connection.execute(_LOOK, key).one_or_none()
    if row is None:
        return
    failures = row.failures + 1 if failure is not None and failure.is_the_hosts else 0
    refusals = row.refusals + 1 if failure is not None and failure.refused_credentials else 0
    closed = _closed_until(failure, failures, now)
    connection.execute(_LEAVE, {**key, "failures": failures, "refusals": refusals, "closed_until": closed})
    if refusals == REFUSALS_THAT_PAUSE:
        tell_admins(connection, tenant_id, "immersio.paused", {})


def forget_gate(connection: Connection, tenant_id: int) -> None:
    """The school has a new address or new keys."""
    connection.execute(_FORGET, {"tenant": tenant_id})


def host_of(url: str) -> str:
    return urlsplit(url).netloc.lower()


def _refuse(row: Row[Any], now: datetime) -> None:
    if row.refusals >= REFUSALS_THAT_PAUSE:
        raise ImmersioFailed(PAUSED, retryable=False)
    if row.closed_until is not None and row.closed_until > now:
        wait = (row.closed_until - now).total_seconds()
        raise ImmersioFailed(LEFT_ALONE, retryable=True, retry_after=wait)


def _closed_until(failure: ImmersioFailed | None, failures: int, now: datetime) -> datetime | None:
    if failure is None:
        return None
    if failure.retryable and failure.retry_after is not None:
        return now + timedelta(seconds=failure.retry_after)
    if failures < FAILURES_THAT_CLOSE:
        return None
    longest = min(LONGEST_CLOSING, FIRST_CLOSING * float(2 ** min(failures - FAILURES_THAT_CLOSE, 5)))
    return now + longest * random.uniform(0.5, 1)  # noqa: S311  # jitter is no secret


class GatedImmersio:
    """A school's Immersio, each call of which passes its gate."""

    def __init__(
        self, database: Engine, tenant_id: int, host: str, immersio: Immersio, timing: Timing
    ) -> None:
        self._database = database
        self._tenant_id = tenant_id
        self._host = host
        self._immersio = immersio
        self._timing = timing
        self._is_clean = False

    def ping(self) -> None:
        self._pass(self._immersio.ping)

    def courses(self, *, updated_since: datetime | None, cursor: str | None) -> Page:
        return self._pass(lambda: self._immersio.courses(updated_since=updated_since, cursor=cursor))

    def students(self, course_id: str, *, updated_since: datetime | None, cursor: str | None) -> Page:
        return self._pass(
            lambda: self._immersio.students(course_id, updated_since=updated_since, cursor=cursor)
        )

    def put_booking(self, uid: str, document: Document) -> None:
        self._pass(lambda: self._immersio.put_booking(uid, document))

    def delete_booking(self, uid: str) -> None:
        self._pass(lambda: self._immersio.delete_booking(uid))

    def put_enrollment(self, uid: str, document: Document) -> Enrolled:
        return self._pass(lambda: self._immersio.put_enrollment(uid, document))

    def delete_enrollment(self, uid: str) -> None:
        self._pass(lambda: self._immersio.delete_enrollment(uid))

    def _pass(self, ask: Callable[[], Told]) -> Told:
        wait = self._in_tenant(
            lambda c: enter_gate(c, self._tenant_id, self._host, self._timing.now(), self._timing.pace)
        )
        if wait:
            self._timing.wait(wait)
        try:
            told = ask()
        except ImmersioFailed as error:
            self._leave(error)
            raise
        if not self._is_clean:
            self._leave(None)
        return told

    def _leave(self, failure: ImmersioFailed | None) -> None:
        """After a call that went well nothing has to be noted until one does not."""
        self._in_tenant(lambda c: leave_gate(c, self._tenant_id, self._host, failure, self._timing.now()))
        self._is_clean = failure is None

    def _in_tenant(self, work: Callable[[Connection], Told]) -> Told:
        return in_tenant(self._database, of_tenant(self._tenant_id), work)
