"""Two workers with one import, or with one list: what they leave is what one after the other would.

Each guard has a twin without it, which shows that the race is real.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import Connection, text

from shared.database import connect_database, in_tenant
from shared.whitelists import import_whitelist as use_case
from shared.whitelists.import_whitelist import Outcome, import_whitelist, of_import
from tests.databases import TestDatabase
from tests.whitelists.imports import NOW, Imports

LIST = b"mai@example.test\nnobody\n"
NO_GUARD = text("SELECT CAST(:event_type_id AS integer)")

WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = 'booking_app' AND wait_event_type = 'Lock'
"""


@pytest.fixture
def workers() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture
def others(imports: Imports, database: TestDatabase) -> Iterator[Imports]:
    """The same school's imports, carried out by a second worker."""
    engine = connect_database(database.app_url)
    yield Imports(imports.school, engine)
    engine.dispose()


def until_it_waits_or_is_done(database: TestDatabase, done: "Future[Outcome]") -> None:
    pause = threading.Event()
    while not done.done() and not database.value(WAITING):
        pause.wait(0.01)


def carry_out_around(
    imports: Imports, import_id: UUID, content: bytes, meanwhile: Callable[[], None]
) -> Outcome:
    """One import; `meanwhile` runs when it has done everything but commit."""

    def work(connection: Connection) -> Outcome:
        outcome = import_whitelist(connection, import_id, iter([content]), NOW)
        meanwhile()
        return outcome

    return in_tenant(imports.engine, of_import(import_id), work)


def delivered_twice_at_once(
    imports: Imports, others: Imports, workers: ThreadPoolExecutor
) -> tuple[Outcome, "Future[Outcome]", list[str]]:
    """The first delivery's outcome, the second's, and who has read the file."""
    asked, readers = imports.ask(), ["first"]
    second: list[Future[Outcome]] = []

    def read() -> Iterator[bytes]:
        readers.append("second")
        yield LIST

    def deliver_again() -> None:
        second.append(workers.submit(others.carry_out, asked, read()))
        until_it_waits_or_is_done(imports.school.database, second[0])

    first = carry_out_around(imports, asked, LIST, deliver_again)
    second[0].exception()
    return first, second[0], readers


def replaced_twice_at_once(imports: Imports, others: Imports, workers: ThreadPoolExecutor) -> list[str]:
    """The list, after a worker replaced it while another did the same with another list."""
    one, other = imports.ask("replace"), imports.ask("replace")
    second: list[Future[Outcome]] = []

    def replace_too() -> None:
        second.append(workers.submit(others.carry_out, other, iter([b"lan@example.test"])))
        until_it_waits_or_is_done(imports.school.database, second[0])

    carry_out_around(imports, one, b"mai@example.test", replace_too)
    assert second[0].result().status == "COMPLETED"
    return imports.listed()


def test_a_second_delivery_at_the_same_time_waits_and_does_nothing(
    imports: Imports, others: Imports, workers: ThreadPoolExecutor
) -> None:
    first, second, readers = delivered_twice_at_once(imports, others, workers)
    assert second.result() == first
    assert readers == ["first"]
    assert imports.listed() == ["mai@example.test"]


def test_without_the_lock_on_the_import_both_deliveries_would_run(
    imports: Imports, others: Imports, workers: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(use_case, "LOCK_IMPORT", text("SELECT CAST(:import_hash AS bigint)"))
    _, _, readers = delivered_twice_at_once(imports, others, workers)
    assert readers == ["first", "second"]


def test_two_lists_that_replace_one_at_the_same_time_leave_one_of_them(
    imports: Imports, others: Imports, workers: ThreadPoolExecutor
) -> None:
    assert replaced_twice_at_once(imports, others, workers) == ["lan@example.test"]


def test_without_the_lock_on_the_list_a_mixture_of_both_would_be_left(
    imports: Imports, others: Imports, workers: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(use_case, "LOCK_LIST", NO_GUARD)
    both = ["lan@example.test", "mai@example.test"]
    assert replaced_twice_at_once(imports, others, workers) == both
