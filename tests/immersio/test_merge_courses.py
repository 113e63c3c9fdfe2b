"""What becomes of courses here."""

from typing import Any

import pytest

from shared.event_types.slugs import free_slug, slug_of
from tests.databases import TestDatabase
from tests.immersio.connected import courses_here, event_types, log, pull
from tests.immersio.fake_school import FakeSchool
from tests.schools import School, make_school

CONTENT = ("title", "description", "isPublished", "hidden")


def content(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in CONTENT)


# ── What is refused ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("course", "field"),
    [
        ({"title": "Half \ud800"}, "title"),
        ({"title": "No \x00 text"}, "title"),
        ({"title": "Two\nlines"}, "title"),
        ({"title": "   "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": None}, "title"),
        ({"title": 7}, "title"),
        ({"title": "A", "description": "\x00"}, "description"),
        ({"title": "A", "description": "\udfff"}, "description"),
        ({"title": "A", "description": ["text"]}, "description"),
        ({"title": "A", "status": "exploded"}, "status"),
        ({"title": "A", "version": -1}, "version"),
        ({"title": "A", "version": 1 << 31}, "version"),
        ({"title": "A", "version": "1"}, "version"),
    ],
)
def test_a_course_that_is_none_is_logged_and_the_others_are_taken_over(
    connected: School, there: FakeSchool, database: TestDatabase, course: dict[str, Any], field: str
) -> None:
    there.put({"id": "broken", **course}, {"id": "whole", "title": "Whole"})
    assert pull(connected, there).counts == {"created": 1, "failed": 1}
    assert courses_here(database, connected) == {"whole": "Whole"}
    (failure,) = [row for row in log(database, connected) if row["status"] == "FAILED"]
    assert (failure["resourceId"], failure["errorCode"]) == ("broken", "invalid_course")
    assert failure["errorMessage"].startswith(f"{field}: ")


@pytest.mark.parametrize("course_id", ["with space", "x" * 65, "dấu", "line\nbreak"])
def test_an_id_that_is_none_is_logged_in_plain_letters(
    connected: School, there: FakeSchool, database: TestDatabase, course_id: str
) -> None:
    there.put({"id": course_id, "title": "A"})
    assert pull(connected, there).counts == {"failed": 1}
    (failure,) = log(database, connected)
    assert failure["resourceId"].isascii()
    assert len(failure["resourceId"]) <= 64
    assert "\n" not in failure["resourceId"]


def test_what_the_school_published_is_not_overwritten(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put({"id": "c1", "title": "Theirs"})
    pull(connected, there)
    (draft,) = event_types(database, connected)
    connected.change("EventType", draft["id"], title="Ours", isPublished=True, hidden=False)
    before = event_types(database, connected)
    there.put({"id": "c1", "title": "Theirs, changed"})
    assert pull(connected, there).counts == {"unchanged": 1}
    assert event_types(database, connected) == before


def test_a_deleted_course_deletes_and_publishes_nothing_and_is_told_once(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put({"id": "draft", "title": "Draft"}, {"id": "sold", "title": "Sold"})
    pull(connected, there)
    drafts = {row["immersioCourseId"]: row["id"] for row in event_types(database, connected)}
    connected.change("EventType", drafts["sold"], isPublished=True, hidden=False)
    before = [content(row) for row in event_types(database, connected)]
    there.delete("draft")
    there.delete("sold")
    assert pull(connected, there).counts == {"deleted": 2}
    assert pull(connected, there).counts == {"unchanged": 2}
    assert [content(row) for row in event_types(database, connected)] == before
    assert [row["action"] for row in log(database, connected)] == ["created", "created", "deleted", "deleted"]


def test_a_course_that_was_deleted_before_we_knew_it_is_nothing(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put({"id": "c1", "title": "Gone", "status": "tobedeleted"})
    assert pull(connected, there).counts == {"unchanged": 1}
    assert (event_types(database, connected), log(database, connected)) == ([], [])


def test_an_older_version_does_not_undo_a_newer_one(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put({"id": "c1", "title": "New", "version": 7})
    pull(connected, there)
    there.put({"id": "c1", "title": "Old", "version": 6})
    assert pull(connected, there).counts == {"unchanged": 1}
    assert courses_here(database, connected) == {"c1": "New"}


def test_another_schools_event_type_of_the_same_course_is_not_touched(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    lotus = make_school(database, "lotus")
    lotus.change("EventType", lotus.lesson_id, immersioCourseId="c1", isPublished=False)
    before = event_types(database, lotus)
    there.put({"id": "c1", "title": "Aurora's"})
    assert pull(connected, there).counts == {"created": 1}
    assert event_types(database, lotus) == before


# ── What is taken over ──────────────────────────────────────────────────────────────────────────
def test_a_new_course_becomes_a_hidden_draft_of_an_hour(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put({"id": "c1", "title": "  Tiếng Việt cơ bản ", "description": "Xin chào.\nBắt đầu nhé!"})
    assert pull(connected, there).counts == {"created": 1}
    (draft,) = event_types(database, connected)
    assert content(draft) == ("Tiếng Việt cơ bản", "Xin chào.\nBắt đầu nhé!", False, True)
    assert (draft["slug"], draft["length"]) == ("tieng-viet-co-ban", 60)
    assert draft["userId"] == connected.admin_id


def test_a_school_without_an_admin_gets_drafts_without_an_owner(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    connected.change("users", connected.admin_id, tenantRole="TEACHER")
    there.put_numbered(1)
    pull(connected, there)
    assert [row["userId"] for row in event_types(database, connected)] == [None]


def test_the_draft_is_not_offered_to_students(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put_numbered(3)
    pull(connected, there)
    published = database.value(
        'SELECT count(*) FROM "EventType" WHERE "tenantId" = :t AND "isPublished"', t=connected.id
    )
    assert published == 1


def test_a_draft_follows_its_course(connected: School, there: FakeSchool, database: TestDatabase) -> None:
    there.put({"id": "c1", "title": "Before"})
    pull(connected, there)
    there.put({"id": "c1", "title": "After", "description": "With words"})
    assert pull(connected, there).counts == {"updated": 1}
    (draft,) = event_types(database, connected)
    assert content(draft) == ("After", "With words", False, True)
    # Links to it may have been shared.
    assert draft["slug"] == "before"
    assert [row["action"] for row in log(database, connected)] == ["created", "updated"]


def test_what_has_not_changed_writes_nothing(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put_numbered(5)
    pull(connected, there)
    before, logged = event_types(database, connected), log(database, connected)
    # A new version of what we do not take.
    there.put({"id": "c1", "title": "Course 1", "level": "B2"})
    assert pull(connected, there).counts == {"unchanged": 5}
    assert (event_types(database, connected), log(database, connected)) == (before, logged)


def test_what_the_school_writes_into_a_draft_stays_until_the_course_changes(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put({"id": "c1", "title": "Theirs"})
    pull(connected, there)
    (draft,) = event_types(database, connected)
    connected.change("EventType", draft["id"], title="Ours")
    pull(connected, there)
    assert courses_here(database, connected) == {"c1": "Ours"}
    there.put({"id": "c1", "title": "Theirs, changed"})
    pull(connected, there)
    assert courses_here(database, connected) == {"c1": "Theirs, changed"}


def test_an_event_type_that_the_school_linked_itself_is_not_made_again(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    connected.change("EventType", connected.lesson_id, immersioCourseId="c1")
    there.put_numbered(1)
    assert pull(connected, there).counts == {"unchanged": 1}
    assert courses_here(database, connected) == {"c1": "Conversation"}


def test_titles_may_repeat_and_addresses_do_not(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put(
        {"id": "a1", "title": "Conversation"},
        {"id": "a2", "title": "Conversation!"},
        {"id": "a3", "title": "会話"},
        {"id": "a4", "title": "会話"},
    )
    pull(connected, there)
    slugs = [row["slug"] for row in event_types(database, connected)]
    assert sorted(slugs) == ["conversation-a1", "conversation-a2", "course", "course-a4"]


# ── Slugs ───────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("title", "slug"),
    [("会話", ""), ("!!!", ""), ("Đàm thoại / Cấp độ 2", "dam-thoai-cap-do-2"), ("a" * 70, "a" * 60)],
)
def test_a_slug_is_what_is_latin_of_a_title(title: str, slug: str) -> None:
    assert slug_of(title) == slug


def test_a_slug_is_numbered_when_even_the_id_is_taken() -> None:
    assert free_slug("A", "c1", {"a", "a-c1", "a-c1-2"}) == "a-c1-3"
