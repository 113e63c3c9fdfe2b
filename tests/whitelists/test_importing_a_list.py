"""An uploaded list becomes the whitelist, whole or not at all, once, for one school."""

from collections.abc import Iterator
from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, InvalidRequestError

from shared.database import connect_database, in_tenant
from shared.tenant_scope import of_tenant
from shared.whitelists.errors import WhitelistImportNotFound
from shared.whitelists.import_whitelist import import_whitelist, of_import
from tests.databases import TestDatabase
from tests.schools import School, make_school
from tests.whitelists.imports import NOW, Imports

OLD = ["lan@example.test", "mai@example.test"]
NEW = b"email\nmai@example.test\nnam@example.test\n"


class Crash(Exception):
    """The worker ends here."""


@pytest.fixture
def old_list(school: School) -> list[str]:
    for address in OLD:
        school.allow(address)
    return OLD


def crashing(content: bytes) -> Iterator[bytes]:
    yield content
    raise Crash


def untouched() -> Iterator[bytes]:
    """A file that fails the test when it is read."""
    return (pytest.fail("nobody reads this again") for _ in range(1))


def test_an_import_that_nobody_asked_for_does_nothing(imports: Imports, old_list: list[str]) -> None:
    with pytest.raises(WhitelistImportNotFound):
        imports.carry_out(uuid4(), untouched())
    assert imports.listed() == old_list


def test_another_schools_import_is_none(imports: Imports, database: TestDatabase) -> None:
    lotus = make_school(database, "lotus")
    asked = imports.ask()
    with pytest.raises(WhitelistImportNotFound):
        in_tenant(imports.engine, of_tenant(lotus.id), lambda c: import_whitelist(c, asked, iter([NEW]), NOW))
    assert imports.state(asked) == ("AWAITING_UPLOAD", None)


@pytest.mark.parametrize("mode", ["merge", "replace"])
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\n\n", "empty_file"),
        (b"email\n", "empty_file"),
        (b"PK\x03\x04rest", "not_a_csv"),
        (NEW + b"\0", "not_a_csv"),
        (NEW + b"x" * 70_000, "line_too_long"),
        (NEW + b'"x@example.test\n', "unclosed_quote"),
    ],
)
def test_a_file_that_is_no_list_fails_and_changes_none(
    imports: Imports, old_list: list[str], mode: str, content: bytes, code: str
) -> None:
    asked = imports.ask(mode)
    outcome = imports.carry_out(asked, iter([content]))
    assert (outcome.status, outcome.failure_code) == ("FAILED", code)
    assert imports.state(asked) == ("FAILED", code)
    assert imports.counts(asked) == [0, 0, 0, 0, 0]
    assert imports.listed() == old_list


def test_a_list_is_not_replaced_by_lines_of_which_none_is_an_address(
    imports: Imports, old_list: list[str]
) -> None:
    asked = imports.ask("replace")
    imports.carry_out(asked, iter([b"nobody\nnowhere\n"]))
    assert imports.state(asked) == ("FAILED", "no_addresses")
    assert imports.counts(asked) == [2, 0, 0, 0, 2]
    assert len(imports.rejections(asked)) == 2
    assert imports.listed() == old_list


def test_an_import_that_failed_stays_failed(imports: Imports) -> None:
    asked = imports.ask()
    first = imports.carry_out(asked, iter([b""]))
    assert imports.carry_out(asked, iter([NEW])) == first
    assert imports.listed() == []


def test_the_lines_that_are_no_addresses_are_kept_with_their_reasons(imports: Imports) -> None:
    asked = imports.ask()
    lines = [
        "mai@example.test",
        "no\\body\there",
        "a" * 300 + "@b.test",
        '"two',
        'lines"',
        "LAN@example.test",
    ]
    imports.carry_out(asked, iter(["\r\n".join(lines).encode()]))
    assert imports.state(asked) == ("COMPLETED", None)
    assert imports.counts(asked) == [5, 2, 0, 0, 3]
    assert imports.rejections(asked) == [
        (2, "no\\body\there", "not_an_address"),
        (3, "a" * 200, "too_long"),
        (4, "two\nlines", "not_an_address"),
    ]
    assert imports.listed() == OLD


def test_each_line_that_was_read_is_added_or_already_there_or_rejected(
    imports: Imports, old_list: list[str]
) -> None:
    asked = imports.ask()
    imports.carry_out(asked, iter([b"Mai@example.test\nnam@example.test\nnam@example.test\nnobody\n"]))
    assert imports.counts(asked) == [4, 1, 2, 0, 1]
    assert imports.listed() == [*old_list, "nam@example.test"]


def test_a_replacing_list_removes_whoever_is_not_on_it(imports: Imports, old_list: list[str]) -> None:
    asked = imports.ask("replace")
    imports.carry_out(asked, iter([NEW]))
    assert imports.listed() == ["mai@example.test", "nam@example.test"]
    assert imports.counts(asked) == [2, 1, 1, 1, 0]


def test_the_lists_of_other_event_types_and_schools_stay_as_they_are(
    imports: Imports, old_list: list[str], database: TestDatabase
) -> None:
    lotus = make_school(database, "lotus")
    lotus.allow("hoa@example.test")
    other = database.value(
        """INSERT INTO "EventType" ("tenantId", title, slug, length) VALUES (:t, 'Grammar', 'grammar', 30)
           RETURNING id""",
        t=imports.school.id,
    )
    imports.school.allow("minh@example.test", other)
    imports.run(NEW, "replace")
    kept = database.rows('SELECT email FROM "WhitelistEntry" WHERE "eventTypeId" <> :e ORDER BY email',
                         e=imports.school.lesson_id)  # fmt: skip
    assert [row["email"] for row in kept] == ["hoa@example.test", "minh@example.test"]


def test_an_entry_says_who_added_it_and_when(imports: Imports, database: TestDatabase) -> None:
    imports.run(b"mai@example.test")
    (entry,) = database.rows('SELECT "addedBy", "addedAt" FROM "WhitelistEntry"')
    assert entry == {"addedBy": imports.school.admin_id, "addedAt": NOW.replace(tzinfo=None)}


def test_more_lines_than_a_statement_takes_are_all_imported(
    imports: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.whitelists.import_whitelist.LINES_IN_A_STATEMENT", 3)
    monkeypatch.setattr("shared.whitelists.import_whitelist.ROWS_IN_A_MESSAGE", 2)
    lines = [f"student{number}@example.test" if number % 4 else f"bad {number}" for number in range(1, 12)]
    asked = imports.ask()
    imports.carry_out(asked, iter(["\n".join(lines).encode()]))
    assert imports.counts(asked) == [11, 9, 0, 0, 2]
    assert len(imports.listed()) == 9
    assert [line for line, _, _ in imports.rejections(asked)] == [4, 8]


def test_the_same_upload_told_twice_is_imported_once(imports: Imports, old_list: list[str]) -> None:
    asked = imports.ask("replace")
    first = imports.carry_out(asked, iter([NEW]))
    imports.school.allow("late@example.test")
    assert imports.carry_out(asked, untouched()) == first
    assert imports.listed() == ["late@example.test", "mai@example.test", "nam@example.test"]


@pytest.mark.parametrize("mode", ["merge", "replace"])
def test_a_crash_while_the_file_is_read_leaves_the_list_and_the_next_delivery_makes_it(
    imports: Imports, old_list: list[str], mode: str
) -> None:
    asked = imports.ask(mode)
    with pytest.raises(Exception, match="connection is closed") as crashed:
        imports.carry_out(asked, crashing(NEW * 5_000))
    assert isinstance(crashed.value.__cause__, Crash)
    assert imports.state(asked) == ("AWAITING_UPLOAD", None)
    assert imports.listed() == old_list
    imports.carry_out(asked, iter([NEW]))
    assert imports.state(asked) == ("COMPLETED", None)
    kept = [] if mode == "replace" else ["lan@example.test"]
    assert imports.listed() == [*kept, "mai@example.test", "nam@example.test"]


@pytest.mark.parametrize("row", range(0, 13, 2))
def test_a_crash_at_any_row_and_a_second_delivery_end_in_the_list_that_one_delivery_makes(
    imports: Imports, old_list: list[str], row: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.whitelists.import_whitelist.ROWS_IN_A_MESSAGE", 1)
    lines = [f"student{number}@example.test\n".encode() for number in range(6)] * 2
    asked = imports.ask("replace")

    def until_the_crash() -> Iterator[bytes]:
        yield from lines[:row]
        raise Crash

    with pytest.raises(Exception, match="connection is closed"):
        imports.carry_out(asked, until_the_crash())
    assert imports.listed() == old_list
    imports.carry_out(asked, iter(lines))
    assert imports.listed() == [f"student{number}@example.test" for number in range(6)]
    assert imports.counts(asked) == [12, 6, 6, 2, 0]


@pytest.mark.parametrize("step", ["STAGE", "MEASURE", "REJECT", "LOCK_LIST", "REMOVE", "ADD", "FINISH"])
def test_a_crash_at_any_step_and_a_second_delivery_end_in_the_list_that_one_delivery_makes(
    imports: Imports, old_list: list[str], step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = imports.ask("replace")
    with monkeypatch.context() as broken:
        dying = text("SELECT pg_terminate_backend(pg_backend_pid())")
        broken.setattr(f"shared.whitelists.import_whitelist.{step}", dying)
        with pytest.raises(DBAPIError):
            imports.carry_out(asked, iter([NEW]))
    assert imports.listed() == old_list
    assert imports.state(asked) == ("AWAITING_UPLOAD", None)
    imports.carry_out(asked, iter([NEW]))
    assert imports.listed() == ["mai@example.test", "nam@example.test"]


def test_the_column_that_the_admin_named_is_imported(imports: Imports) -> None:
    asked = imports.ask()
    imports.school.database.rows(
        """UPDATE "WhitelistImport" SET "emailHeader" = 'Liên hệ' WHERE id = CAST(:id AS uuid)""",
        id=str(asked),
    )
    imports.carry_out(asked, iter(["email,Liên hệ\nold@b.test,new@b.test\n".encode()]))
    assert imports.listed() == ["new@b.test"]


def test_a_file_without_the_named_column_changes_no_list(imports: Imports, old_list: list[str]) -> None:
    asked = imports.ask("replace")
    imports.school.database.rows(
        """UPDATE "WhitelistImport" SET "emailHeader" = 'Contact' WHERE id = CAST(:id AS uuid)""",
        id=str(asked),
    )
    imports.carry_out(asked, iter([NEW]))
    assert imports.state(asked) == ("FAILED", "column_not_found")
    assert imports.listed() == old_list


def test_a_crash_before_the_commit_leaves_the_list_and_the_next_delivery_makes_it(
    imports: Imports, old_list: list[str]
) -> None:
    asked = imports.ask("replace")

    def crash_late(connection: Connection) -> None:
        import_whitelist(connection, asked, iter([NEW]), NOW)
        raise Crash

    with pytest.raises(Crash):
        in_tenant(imports.engine, of_import(asked), crash_late)
    assert imports.listed() == old_list
    imports.carry_out(asked, iter([NEW]))
    assert imports.listed() == ["mai@example.test", "nam@example.test"]


def test_a_database_that_goes_away_leaves_the_list_and_the_next_delivery_makes_it(
    imports: Imports, old_list: list[str], database: TestDatabase
) -> None:
    asked = imports.ask("replace")

    def interrupted() -> Iterator[bytes]:
        yield NEW * 5_000
        database.rows(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE usename = 'booking_app' AND datname = current_database()"""
        )
        yield NEW * 5_000

    with pytest.raises(Exception, match=r"connection is closed|terminating connection"):
        imports.carry_out(asked, interrupted())
    assert imports.listed() == old_list
    imports.carry_out(asked, iter([NEW]))
    assert imports.listed() == ["mai@example.test", "nam@example.test"]


def test_after_a_crash_in_the_stream_a_statement_never_gets_anothers_answer(imports: Imports) -> None:
    asked = imports.ask()

    def crash_and_go_on(connection: Connection) -> None:
        with pytest.raises(Exception, match="connection is closed"):
            import_whitelist(connection, asked, crashing(NEW * 5_000), NOW)
        connection.exec_driver_sql("SELECT 1")

    with pytest.raises(InvalidRequestError):
        in_tenant(imports.engine, of_import(asked), crash_and_go_on)

    def echo(connection: Connection, number: int) -> int:
        return int(connection.exec_driver_sql(f"SELECT {number}").scalar_one())

    opening = of_tenant(imports.school.id)
    told = [in_tenant(imports.engine, opening, partial(echo, number=number)) for number in range(20)]
    assert told == list(range(20))


@pytest.mark.parametrize("mode", ["merge", "replace"])
def test_nobody_sees_half_a_list(imports: Imports, old_list: list[str], mode: str) -> None:
    asked, seen = imports.ask(mode), []

    def watched() -> Iterator[bytes]:
        for _ in range(3):
            yield NEW * 3_000
            seen.append(imports.listed())

    def watch(connection: Connection) -> None:
        import_whitelist(connection, asked, watched(), NOW)
        seen.append(imports.listed())

    in_tenant(imports.engine, of_import(asked), watch)
    assert seen == [old_list] * 4
    assert "nam@example.test" in imports.listed()


def test_an_import_may_take_longer_than_a_request_and_no_request_after_it_may(imports: Imports) -> None:
    asked = imports.ask()

    def allowed(connection: Connection) -> str:
        return str(connection.exec_driver_sql("SHOW statement_timeout").scalar_one())

    def allowed_after_import(connection: Connection) -> str:
        import_whitelist(connection, asked, iter([NEW]), NOW)
        return allowed(connection)

    assert in_tenant(imports.engine, of_import(asked), allowed_after_import) == "10min"
    assert in_tenant(imports.engine, of_import(asked), allowed) == "20s"


def test_an_import_sees_no_school_but_its_own(imports: Imports, database: TestDatabase) -> None:
    make_school(database, "lotus")
    engine = connect_database(database.app_url)
    asked = imports.ask()
    seen = in_tenant(
        engine, of_import(asked), lambda c: c.exec_driver_sql('SELECT id FROM "Tenant"').scalars().all()
    )
    engine.dispose()
    assert seen == [imports.school.id]
