"""Pulling what changed among a school's courses, a page and a transaction at a time."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, Row

from shared.clients.immersio import CoursePage, Immersio
from shared.clients.immersio_errors import ImmersioFailed
from shared.database import in_tenant
from shared.immersio.connected_schools import find_account
from shared.immersio.merge_courses import merge_courses
from shared.immersio.position import Position, TakenOver, keep_failure, keep_position, take_position
from shared.tenant_scope import of_tenant

STREAM = "courses"

ImmersioOf = Callable[[Row[Any]], Immersio]
MayGoOn = Callable[[], bool]


class Outcome(StrEnum):
    FINISHED = "finished"
    OUT_OF_TIME = "out_of_time"
    TAKEN_OVER = "taken_over"
    NOT_TO_BE_PULLED = "not_to_be_pulled"
    GIVEN_UP = "given_up"


@dataclass
class Pull:
    """How a pull went: `counts` of courses by what became of them, `code` of what it was given up for."""

    outcome: Outcome
    counts: Counter[str] = field(default_factory=Counter)
    code: str | None = None


def pull_courses(database: Engine, tenant_id: int, immersio_of: ImmersioOf, may_go_on: MayGoOn) -> Pull:
    """Pull until nothing is left, `may_go_on` says no, or another worker takes over.

    It is given the engine because no transaction is open while Immersio is asked. `immersio_of` makes the
    client from the row of `find_account`. Raises ImmersioFailed when the same may succeed later; a failure
    that would only repeat itself is kept in the state, and the pull is given up.
    """
    opening = of_tenant(tenant_id)
    account, position = in_tenant(database, opening, lambda c: _begin(c, tenant_id))
    if account is None or position is None:
        return Pull(Outcome.NOT_TO_BE_PULLED)
    pull = Pull(Outcome.OUT_OF_TIME)
    try:
        _follow(database, immersio_of(account), position, may_go_on, pull)
    except TakenOver:
        pull.outcome = Outcome.TAKEN_OVER
    except ImmersioFailed as error:
        failure = error
        in_tenant(database, opening, lambda c: keep_failure(c, position, failure))
        if failure.retryable:
            raise
        pull.outcome, pull.code = Outcome.GIVEN_UP, failure.code
    return pull


def _begin(connection: Connection, tenant_id: int) -> tuple[Row[Any] | None, Position | None]:
    account = find_account(connection, tenant_id)
    return account, account and take_position(connection, tenant_id, STREAM)


def _follow(database: Engine, immersio: Immersio, position: Position, may_go_on: MayGoOn, pull: Pull) -> None:
    may_restart = True
    while may_go_on():
        try:
            page = _next_page(immersio, position)
        except ImmersioFailed as failure:
            if not (failure.forgot_our_place and may_restart) or position.is_at_the_very_start:
                raise
            position, may_restart = position.from_the_start(), False
            continue
        position = position.after(page)
        pull.counts += _keep(database, position, page)
        if page.next_cursor is None:
            pull.outcome = Outcome.FINISHED
            return


def _next_page(immersio: Immersio, position: Position) -> CoursePage:
    page = immersio.courses(updated_since=position.watermark, cursor=position.cursor)
    if page.next_cursor is not None and page.next_cursor == position.cursor:
        raise ImmersioFailed("cursor_stands_still", retryable=True)
    return page


def _keep(database: Engine, position: Position, page: CoursePage) -> Counter[str]:
    """A page's rows and its cursor, in one transaction: a crash loses a page at most, and never half."""

    def kept(connection: Connection) -> Counter[str]:
        keep_position(connection, position, finished=page.next_cursor is None)
        return merge_courses(connection, position.tenant_id, page.data)

    return in_tenant(database, of_tenant(position.tenant_id), kept)
