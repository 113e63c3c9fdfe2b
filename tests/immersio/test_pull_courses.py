"""Pulling a stream: interrupted anywhere, it ends where an undisturbed one ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from shared.clients.immersio import HttpImmersio, Page
from shared.database import connect_database, in_tenant
from shared.immersio.gate import forget_gate
from shared.immersio.merge_courses import merge_courses
from shared.immersio.position import (
    LOOKBACK,
    Position,
    TakenOver,
    keep_position,
    restart_streams,
    take_position,
)
from shared.immersio.pull_stream import Outcome, pull_stream
from shared.immersio.streams import COURSES
from shared.tenant_scope import of_tenant
from tests.databases import TestDatabase
from tests.immersio.connected import FastTime, courses_here, event_types, gate, log, pull, state
from tests.immersio.fake_school import FakeSchool
from tests.schools import School

NOW = datetime.now(UTC)
FIVE = {f"c{n}": f"Course {n}" for n in range(1, 6)}


class Killed(BaseException):
    """As a process that is gone: nobody cleans up."""


class KilledAfterAPage(HttpImmersio):
    """The worker that uses it does not live to see its second page."""

    pages = 0

    def courses(self, **query: Any) -> Page:
        self.pages += 1
        if self.pages == 2:
            raise Killed
        return super().courses(**query)


# ── Refusals ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "changes",
    [
        {"subscriptionStatus": "SUSPENDED"},
        {"subscriptionStatus": "CANCELLED"},
        {"immersioApiUrl": None},
        {"immersioApiKey": ""},
        {"immersioApiSecret": None},
        {"settings": '{"immersioSync": "off"}'},
    ],
)
def test_a_school_that_is_not_connected_is_not_pulled(
    connected: School, there: FakeSchool, changes: dict[str, Any]
) -> None:
    connected.change("Tenant", connected.id, **changes)
    assert pull(connected, there).outcome is Outcome.NOT_TO_BE_SYNCED
    assert there.requests == []


def test_keys_that_are_refused_three_times_in_a_row_pause_the_sync(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    wrong = there.client(api_secret="secret-of-another")
    for refusals in (1, 2, 3):
        given_up = pull(connected, wrong)
        assert (given_up.outcome, given_up.code) == (Outcome.FAILED, "invalid_signature")
        assert gate(database, connected)["refusals"] == refusals
    there.put_numbered(1)
    assert pull(connected, there).outcome is Outcome.NOT_TO_BE_SYNCED
    assert there.requests == []
    assert state(database, connected)["lastErrorCode"] == "invalid_signature"


def test_refusals_count_only_in_a_row(connected: School, there: FakeSchool, database: TestDatabase) -> None:
    for _ in range(2):
        there.fault("status", status=401, times=2)
        pull(connected, there)
        pull(connected, there)
        assert gate(database, connected)["refusals"] == 2
        pull(connected, there)
        assert gate(database, connected)["refusals"] == 0


def test_new_keys_end_the_pause_and_pull_everything_anew(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    pull(connected, there)
    there.fault("status", status=401, times=3)
    for _ in range(3):
        pull(connected, there)
    engine = connect_database(database.app_url)
    in_tenant(engine, of_tenant(connected.id), lambda c: restart_streams(c, connected.id))
    in_tenant(engine, of_tenant(connected.id), lambda c: forget_gate(c, connected.id))
    engine.dispose()
    assert pull(connected, there).outcome is Outcome.FINISHED
    assert "updated_since" not in there.requests[-1]["query"]


@pytest.mark.parametrize("status", [400, 403, 404, 422])
def test_what_would_only_repeat_itself_is_given_up(
    connected: School, there: FakeSchool, database: TestDatabase, status: int
) -> None:
    there.fault("status", status=status, code="no_way")
    assert pull(connected, there).outcome is Outcome.FAILED
    assert state(database, connected)["lastErrorCode"] == "no_way"
    assert pull(connected, there).outcome is Outcome.FINISHED
    assert state(database, connected)["lastErrorCode"] is None


def test_a_server_that_forgets_everything_is_not_asked_for_ever(connected: School, there: FakeSchool) -> None:
    there.fault("status", status=410, code="cursor_expired", times=100)
    assert pull(connected, there).code == "cursor_expired"
    assert pull(connected, there).outcome is Outcome.FAILED


def test_a_cursor_that_stands_still_is_not_followed_for_ever(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    class Stuck(HttpImmersio):
        def courses(self, **query: Any) -> Page:
            page = super().courses(**{**query, "cursor": None})
            return page.model_copy(update={"next_cursor": "here"})

    assert pull(connected, there.client(Stuck)).code == "cursor_stands_still"
    assert state(database, connected)["lastErrorCode"] == "cursor_stands_still"


# ── Interruptions ───────────────────────────────────────────────────────────────────────────────
def test_a_worker_killed_between_pages_loses_none_of_them(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put_numbered(5)
    with pytest.raises(Killed):
        pull(connected, there.client(KilledAfterAPage, page_size=2))
    assert list(courses_here(database, connected)) == ["c1", "c2"]
    assert pull(connected, there).counts == {"created": 3}
    assert courses_here(database, connected) == FIVE


def test_a_page_that_cannot_be_kept_leaves_nothing_of_itself(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put_numbered(5)
    with database.refusing("EventType", "title <> 'Course 4'"), pytest.raises(DBAPIError):
        pull(connected, there)
    stands = state(database, connected)
    assert list(courses_here(database, connected)) == ["c1", "c2"]
    assert pull(connected, there).counts == {"created": 3}
    assert there.requests[-2]["query"]["cursor"] == stands["cursor"]
    assert courses_here(database, connected) == FIVE


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 429},
        {"kind": "html"},
        {"kind": "truncated_gzip"},
        {"kind": "cut_off"},
        {"kind": "wrong_json"},
    ],
)
def test_faults_are_outlived(
    connected: School, there: FakeSchool, database: TestDatabase, fault: dict[str, Any]
) -> None:
    there.put_numbered(5)
    for skipped in (0, 1, 1):
        there.fault(**fault, skip=skipped)
        failure = pull(connected, there)
        assert failure.outcome is Outcome.FAILED
        assert state(database, connected)["lastErrorCode"] == failure.code
    assert pull(connected, there).outcome is Outcome.FINISHED
    assert courses_here(database, connected) == FIVE
    assert [row["status"] for row in log(database, connected)] == ["SUCCESS"] * 5
    assert state(database, connected)["lastErrorCode"] is None


def test_a_worker_without_time_goes_on_later(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put_numbered(5)
    left = iter([True, True, False])
    assert pull(connected, there, may_go_on=lambda: next(left)).outcome is Outcome.OUT_OF_TIME
    assert len(event_types(database, connected)) == 4
    assert pull(connected, there).counts == {"created": 1}


def test_an_empty_answer_deletes_nothing(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put_numbered(2)
    pull(connected, there)
    empty = FakeSchool(there.url, "key-empty", "secret-empty")
    empty.register()
    assert pull(connected, empty).outcome is Outcome.FINISHED
    assert len(event_types(database, connected)) == 2


# ── The watermark ───────────────────────────────────────────────────────────────────────────────
def test_the_next_pull_begins_five_minutes_before_the_first_page_of_the_last(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put_numbered(5)
    first: list[Page] = []

    class Noting(HttpImmersio):
        def courses(self, **query: Any) -> Page:
            first.append(super().courses(**query))
            return first[-1]

    pull(connected, there.client(Noting, page_size=2))
    kept = state(database, connected)
    assert kept["watermark"].replace(tzinfo=UTC) == first[0].as_of - LOOKBACK
    assert (kept["cursor"], kept["nextWatermark"], len(first)) == (None, None, 3)
    pull(connected, there)
    assert datetime.fromisoformat(there.requests[-1]["query"]["updated_since"]) == first[0].as_of - LOOKBACK


def test_what_changes_while_it_is_paged_through_is_taken_over_in_the_end(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put_numbered(5)

    class Changing(HttpImmersio):
        def courses(self, **query: Any) -> Page:
            page = super().courses(**query)
            there.put({"id": "c1", "title": "Changed meanwhile"})
            return page

    left = iter([True, True, True, False])
    changing = there.client(Changing, page_size=2)
    pull(connected, changing, may_go_on=lambda: next(left))
    pull(connected, there)
    assert courses_here(database, connected) == FIVE | {"c1": "Changed meanwhile"}


def test_a_watermark_that_immersio_has_forgotten_starts_anew(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put_numbered(3)
    pull(connected, there)
    database.rows("""UPDATE "ImmersioSyncState" SET watermark = watermark - interval '31 days'""")
    there.put_numbered(5)
    assert pull(connected, there).counts == {"unchanged": 3, "created": 2}
    assert courses_here(database, connected) == FIVE
    assert state(database, connected)["watermark"] > datetime.now(UTC).replace(tzinfo=None) - timedelta(
        days=1
    )


@pytest.mark.parametrize(("status", "code"), [(410, "cursor_expired"), (400, "invalid_cursor")])
def test_a_cursor_that_immersio_does_not_know_starts_anew(
    connected: School, there: FakeSchool, database: TestDatabase, status: int, code: str
) -> None:
    there.put_numbered(5)
    left = iter([True, False])
    pull(connected, there, may_go_on=lambda: next(left))
    there.fault("status", status=status, code=code)
    assert pull(connected, there).counts == {"unchanged": 2, "created": 3}
    assert state(database, connected)["cursor"] is None


# ── Two workers ─────────────────────────────────────────────────────────────────────────────────
def keep(database: TestDatabase, position: Position, page: Page) -> None:
    """A page as a worker keeps it."""
    engine = connect_database(database.app_url)
    try:

        def kept(connection: Any) -> None:
            keep_position(connection, position.after(page.as_of, page.next_cursor), NOW)
            merge_courses(connection, position.tenant_id, page.data, NOW)

        in_tenant(engine, of_tenant(position.tenant_id), kept)
    finally:
        engine.dispose()


def overtaken(database: TestDatabase, school: School, there: FakeSchool) -> tuple[Position, Page]:
    """A worker that has fetched its first page when another begins and finishes."""
    engine = connect_database(database.app_url)
    position = in_tenant(engine, of_tenant(school.id), lambda c: take_position(c, school.id, "courses", NOW))
    engine.dispose()
    page = there.client(page_size=2).courses(updated_since=None, cursor=None)
    assert pull(school, there).outcome is Outcome.FINISHED
    return position, page


def test_a_worker_that_was_taken_over_writes_nothing(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put_numbered(5)
    position, page = overtaken(database, connected, there)
    before = state(database, connected), event_types(database, connected)
    with pytest.raises(TakenOver):
        keep(database, position, page)
    assert (state(database, connected), event_types(database, connected)) == before


def test_without_the_fence_it_would_turn_the_stream_back(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put_numbered(5)
    position, page = overtaken(database, connected, there)
    keep(database, replace(position, fence=state(database, connected)["fence"]), page)
    assert state(database, connected)["watermark"] is None
    assert state(database, connected)["cursor"] == page.next_cursor


def test_a_worker_notices_in_the_middle_that_it_was_taken_over(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put_numbered(5)

    class TakenOverMeanwhile(HttpImmersio):
        def courses(self, **query: Any) -> Page:
            page = super().courses(**query)
            assert pull(connected, there).outcome is Outcome.FINISHED
            return page

    engine = connect_database(database.app_url)
    slow = there.client(TakenOverMeanwhile, page_size=2)
    timing = FastTime().timing()
    slower = pull_stream(engine, connected.id, COURSES, lambda _: slow, timing, lambda: True)
    engine.dispose()
    assert slower.outcome is Outcome.TAKEN_OVER
    assert courses_here(database, connected) == FIVE
    assert len(log(database, connected)) == 5
