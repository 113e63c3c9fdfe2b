"""What becomes of students here."""

from typing import Any

import pytest

from shared.immersio.names import parts_of_name, whole_name
from tests.databases import TestDatabase
from tests.immersio.connected import log, pull, state, students_here
from tests.immersio.fake_school import FakeSchool
from tests.schools import School, make_school


@pytest.fixture
def there(there: FakeSchool) -> FakeSchool:
    """With one course."""
    there.put({"id": "c1", "title": "English"})
    return there


def sync(school: School, there: FakeSchool) -> Any:
    """Courses first: students come from their lists."""
    pull(school, there)
    return pull(school, there, stream="students")


def enrolled(student_id: str, **more: Any) -> dict[str, Any]:
    return {"id": student_id, "given_name": "Mai", "family_name": "Tran", "courses": ["c1"], **more}


def people(database: TestDatabase, school: School) -> dict[str, tuple[str, str]]:
    """Address and name of each linked student who is not gone."""
    rows = students_here(database, school)
    return {row["immersioUserId"]: (row["email"], row["name"]) for row in rows if not row["gone"]}


# ── What is refused ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("student", "field"),
    [
        ({"given_name": "Half \ud800"}, "given_name"),
        ({"given_name": "No \x00 text"}, "given_name"),
        ({"given_name": ""}, "given_name"),
        ({"given_name": 7}, "given_name"),
        ({"family_name": "Two\nlines"}, "family_name"),
        ({"email": "nobody"}, "email"),
        ({"email": None}, "email"),
        ({"email": "x" * 250 + "@example.com"}, "email"),
        ({"status": "exploded"}, "status"),
    ],
    ids=str,
)
def test_a_student_who_is_none_is_logged_and_the_others_are_taken_over(
    connected: School, there: FakeSchool, database: TestDatabase, student: dict[str, Any], field: str
) -> None:
    there.put_students(enrolled("whole"), enrolled("broken") | student)
    sync(connected, there)
    assert list(people(database, connected)) == ["whole"]
    (failure,) = [row for row in log(database, connected) if row["status"] == "FAILED"]
    assert (failure["resourceId"], failure["errorCode"]) == ("broken", "invalid_student")
    assert failure["errorMessage"].startswith(field)


def test_an_address_that_somebody_else_has_here_is_not_taken_from_them(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put_students(enrolled("s1", email="mai@example.com"))
    sync(connected, there)
    database.rows(
        """INSERT INTO users (email, "tenantId", "tenantRole", uuid)
           VALUES ('lan@example.com', :t, 'STUDENT', gen_random_uuid())""",
        t=connected.id,
    )
    there.put_students({"id": "s1", "email": "lan@example.com"})
    sync(connected, there)
    (student,) = students_here(database, connected)
    assert (student["email"], student["immersioSyncStatus"]) == ("mai@example.com", "FAILED")
    assert log(database, connected)[-1]["errorCode"] == "email_taken"


def test_who_teaches_keeps_name_address_and_role(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    teacher = "teacher1@aurora.test"
    there.put_students(enrolled("s1", email=teacher, given_name="Somebody"))
    sync(connected, there)
    there.put_students({"id": "s1", "email": "else@example.com"})
    sync(connected, there)
    (linked,) = students_here(database, connected)
    assert (linked["id"], linked["email"], linked["name"], linked["tenantRole"]) == (
        connected.teacher_id, teacher, "Teacher 1", "TEACHER",
    )  # fmt: skip


def test_the_students_of_another_school_are_not_touched(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    lotus = make_school(database, "lotus")
    database.rows(
        """INSERT INTO users (email, name, "tenantId", "tenantRole", "immersioUserId", uuid)
           VALUES ('mai@example.com', 'Theirs', :t, 'STUDENT', 's1', gen_random_uuid())""",
        t=lotus.id,
    )
    before = students_here(database, lotus)
    there.put_students(enrolled("s1", email="mai@example.com"))
    sync(connected, there)
    assert students_here(database, lotus) == before
    assert people(database, connected) == {"s1": ("mai@example.com", "Mai Tran")}


# ── What is taken over ──────────────────────────────────────────────────────────────────────────
def test_a_student_becomes_a_user_of_role_student(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put_students(enrolled("s1", email="Mai@Example.com", locale="vi"))
    assert sync(connected, there).counts == {"created": 1}
    (student,) = students_here(database, connected)
    del student["id"], student["written"]
    assert student == {
        "immersioUserId": "s1",
        "email": "mai@example.com",
        "name": "Tran Mai",
        "locale": "vi",
        "tenantRole": "STUDENT",
        "immersioSyncStatus": "SYNCED",
        "synced": True,
        "gone": False,
    }


def test_who_has_the_address_here_already_is_the_same_person(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    known = database.value(
        """INSERT INTO users (email, name, "tenantId", "tenantRole", uuid)
           VALUES ('mai@example.com', 'M', :t, 'STUDENT', gen_random_uuid()) RETURNING id""",
        t=connected.id,
    )
    there.put_students(enrolled("s1", email="mai@example.com"))
    assert sync(connected, there).counts == {"linked": 1}
    (student,) = students_here(database, connected)
    assert (student["id"], student["name"]) == (known, "Mai Tran")


def test_what_has_not_changed_writes_nothing(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put_students(*(enrolled(f"s{n}") for n in range(5)))
    sync(connected, there)
    before, told = students_here(database, connected), len(log(database, connected))
    assert sync(connected, there).counts == {"unchanged": 5}
    assert (students_here(database, connected), len(log(database, connected))) == (before, told)


def test_a_change_is_taken_over_and_what_is_ours_stays(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put_students(enrolled("s1", email="mai@example.com"))
    sync(connected, there)
    database.rows("""UPDATE users SET "timeZone" = 'Asia/Ho_Chi_Minh', locale = 'vi', bio = 'Ours'
                     WHERE "immersioUserId" = 's1'""")
    there.put_students({"id": "s1", "given_name": "Linh", "email": "linh@example.com", "locale": "en"})
    assert sync(connected, there).counts == {"updated": 1}
    assert people(database, connected) == {"s1": ("linh@example.com", "Linh Tran")}
    assert database.rows("""SELECT "timeZone", locale, bio FROM users WHERE "immersioUserId" = 's1'""") == [
        {"timeZone": "Asia/Ho_Chi_Minh", "locale": "vi", "bio": "Ours"}
    ]


def test_two_students_may_change_their_addresses_with_each_other(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put_students(enrolled("s1", email="a@example.com"), enrolled("s2", email="b@example.com"))
    sync(connected, there)
    there.put_students({"id": "s1", "email": "b@example.com"}, {"id": "s2", "email": "a@example.com"})
    sync(connected, there)
    assert {key: email for key, (email, _) in people(database, connected).items()} == {
        "s1": "b@example.com",
        "s2": "a@example.com",
    }


def test_who_was_deleted_and_made_anew_is_the_same_user(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put_students(enrolled("s1", email="mai@example.com"))
    sync(connected, there)
    (before,) = students_here(database, connected)
    there.put_students({"id": "s1", "status": "tobedeleted"})
    sync(connected, there)
    there.put_students(enrolled("s2", email="mai@example.com"))
    sync(connected, there)
    (student,) = students_here(database, connected)
    assert (student["id"], student["immersioUserId"], student["gone"]) == (before["id"], "s2", False)


def test_a_tombstone_marks_and_deletes_nobody(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put_students(enrolled("s1"), enrolled("s2"))
    sync(connected, there)
    there.put_students({"id": "s1", "status": "tobedeleted"})
    assert sync(connected, there).counts == {"deleted": 1, "unchanged": 1}
    assert [(row["immersioUserId"], row["gone"]) for row in students_here(database, connected)] == [
        ("s1", True),
        ("s2", False),
    ]


# ── Lists ───────────────────────────────────────────────────────────────────────────────────────
def test_a_run_of_equal_times_that_is_longer_than_a_page_loses_nobody(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    pull(connected, there)
    same = {"updated_at": "2026-11-22T10:00:00.000Z"}
    there.put_students(*(enrolled(f"s{n}", **same) for n in range(9)))
    sync(connected, there)
    assert len(people(database, connected)) == 9


def test_a_course_that_is_new_to_us_is_asked_for_its_whole_list(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put_students(enrolled("s1"))
    sync(connected, there)
    there.put({"id": "c2", "title": "French"})
    sync(connected, there)
    queries = {each["path"]: each["query"] for each in there.requests if each["path"].endswith("/students")}
    assert "updated_since" in queries["/v1/courses/c1/students"]
    assert "updated_since" not in queries["/v1/courses/c2/students"]


def test_a_course_that_vanished_meanwhile_is_passed_over_and_nobody_is_removed(
    connected: School, there: FakeSchool, database: TestDatabase
) -> None:
    there.put({"id": "c2", "title": "French"})
    there.put_students(enrolled("s1"), enrolled("s2", courses=["c2"]))
    sync(connected, there)
    database.rows("""UPDATE "ImmersioSyncState" SET "sweptAt" = NULL""")
    there.fault("status", status=404, code="course_not_found", path="/v1/courses/c2/students")
    pull(connected, there, stream="students")
    assert list(people(database, connected)) == ["s1", "s2"]
    assert state(database, connected, "students")["sweptAt"] is None


def test_a_school_without_courses_has_no_students_to_ask_for(
    connected: School, database: TestDatabase, immersio_url: str
) -> None:
    empty = FakeSchool(immersio_url, "key-empty", "secret-empty")
    empty.register()
    assert pull(connected, empty, stream="students").outcome == "finished"
    assert empty.requests == []


@pytest.mark.parametrize(
    ("given", "family", "locale", "whole"),
    [("Mai", "Tran", "en", "Mai Tran"), ("Mai", "Trần Thị", "vi-VN", "Trần Thị Mai"), ("Mai", "", "", "Mai")],
)
def test_names_are_written_in_the_order_of_their_language(
    given: str, family: str, locale: str, whole: str
) -> None:
    assert whole_name(given, family, locale) == whole
    assert parts_of_name(whole, locale) == (given, family)
