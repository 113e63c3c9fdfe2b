"""Admins are told when the sync with Immersio needs them, in their language, and not when it does no more."""

import pytest

from shared.database import connect_database, in_tenant
from shared.notifications.write_notice import write_notice
from shared.tenant_scope import of_tenant
from tests.databases import TestDatabase
from tests.notifications.mails import SENDER
from tests.schools import School

PAUSED, HELD = "immersio.paused", "immersio.removals_held"


def notice(school: School, topic: str, **payload: object) -> tuple[str, str] | None:
    """Subject and text of the mail to the admin."""
    engine = connect_database(school.database.app_url)
    told = {"userId": school.admin_id, **payload}
    try:
        mail = in_tenant(
            engine, of_tenant(school.id), lambda c: write_notice(c, school.id, 1, topic, told, SENDER)
        )
    finally:
        engine.dispose()
    if mail is None:
        return None
    body = mail.get_body(("plain",))
    assert body is not None
    return str(mail["Subject"]), str(body.get_content())


@pytest.fixture
def paused(school: School, database: TestDatabase) -> School:
    database.rows(
        """INSERT INTO "ImmersioGate" ("tenantId", host, refusals) VALUES (:t, 'x', 3)""", t=school.id
    )
    return school


def test_a_pause_that_has_ended_is_not_told_any_more(school: School) -> None:
    assert notice(school, PAUSED) is None


def test_deletions_that_are_not_held_back_any_more_are_not_told(school: School) -> None:
    assert notice(school, HELD, stream="courses", count=12) is None


@pytest.mark.parametrize(("locale", "word"), [("en", "refused the keys"), ("vi", "từ chối khóa")])
def test_a_pause_is_told(paused: School, database: TestDatabase, locale: str, word: str) -> None:
    database.rows("UPDATE users SET locale = :l WHERE id = :u", l=locale, u=paused.admin_id)
    told = notice(paused, PAUSED)
    assert told is not None
    assert word in " ".join(told[1].split())


@pytest.mark.parametrize(
    ("locale", "stream", "word"),
    [("en", "courses", "12 courses"), ("en", "students", "12 students"), ("vi", "students", "12 học viên")],
)
def test_deletions_that_were_held_back_are_told(
    school: School, database: TestDatabase, locale: str, stream: str, word: str
) -> None:
    database.rows("UPDATE users SET locale = :l WHERE id = :u", l=locale, u=school.admin_id)
    database.rows(
        """INSERT INTO "ImmersioSyncState" ("tenantId", stream, "heldRemovals") VALUES (:t, :s, 12)""",
        t=school.id,
        s=stream,
    )
    told = notice(school, HELD, stream=stream, count=12)
    assert told is not None
    assert word in " ".join(told[1].split())
