"""Lists and rejected lines as files that a spreadsheet opens, shows as text, and gives back unchanged."""

import csv
import io
from tempfile import TemporaryFile
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import Connection

from shared.database import in_tenant
from shared.tenant_scope import of_tenant
from shared.whitelists.write_csv import write_entries
from tests.functions import Api
from tests.schools import School, make_school
from tests.whitelists.imports import Imports

LIST = "/v1/admin/whitelist-entries/export"
IMPORTS = "/v1/admin/whitelist-imports"
FORMULAS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"


@pytest.fixture
def claims(school: School) -> dict[str, str]:
    return {"email": school.admin_email, "email_verified": "true"}


def fetched(download: dict[str, Any]) -> httpx.Response:
    return httpx.get(download["url"], trust_env=False).raise_for_status()


def rows_of(download: dict[str, Any]) -> list[list[str]]:
    """The file as a spreadsheet reads it, without its header."""
    text = fetched(download).content.decode("utf-8-sig")
    _, *rows = csv.reader(io.StringIO(text, newline=""))
    assert len(rows) == download["lines"]
    return rows


def test_another_schools_rejected_lines_are_like_none(
    admin_api: Api, imports: Imports, school: School
) -> None:
    lotus, theirs = make_school(school.database, "lotus"), imports.ask()
    imports.carry_out(theirs, iter([b"nobody\n"]))
    admin_api.tenant = "lotus"
    for wanted in (theirs, uuid4(), "1"):
        told = admin_api.get(f"{IMPORTS}/{wanted}/rejected-lines", claims={"email": lotus.admin_email})
        assert (told.status, told.code) == (404, "whitelist_import_not_found")


def test_an_empty_list_is_a_file_with_a_header(
    admin_api: Api, school: School, claims: dict[str, str]
) -> None:
    told = admin_api.get(f"{LIST}?eventTypeId={school.lesson_id}", claims=claims).json
    assert told["lines"] == 0
    assert fetched(told).content == "\ufeffemail,addedAt\r\n".encode()


def test_a_link_is_of_one_file_for_a_quarter_of_an_hour(
    admin_api: Api, school: School, claims: dict[str, str], bucket: str
) -> None:
    told = admin_api.get(f"{LIST}?eventTypeId={school.lesson_id}", claims=claims).json
    url = urlsplit(told["url"])
    assert url.path.startswith(f"/{bucket}/whitelist-exports/")
    assert parse_qs(url.query)["X-Amz-Expires"] == ["900"]
    headers = fetched(told).headers
    assert headers["content-type"] == "text/csv; charset=utf-8"
    assert headers["content-disposition"].startswith('attachment; filename="whitelist-')


def test_a_list_is_exported_whole_and_no_other_with_it(
    admin_api: Api, imports: Imports, school: School, claims: dict[str, str]
) -> None:
    lotus = make_school(school.database, "lotus")
    lotus.allow("hoa@example.test")
    names = sorted(f"student{number}@example.test" for number in range(2_345))
    imports.run("\n".join(names).encode())
    told = admin_api.get(f"{LIST}?eventTypeId={school.lesson_id}", claims=claims).json
    assert [email for email, _ in rows_of(told)] == names
    assert {added_at for _, added_at in rows_of(told)} == {"2026-11-22T12:00:00Z"}


def test_an_export_that_is_imported_again_is_the_same_list(
    admin_api: Api, imports: Imports, school: School, claims: dict[str, str]
) -> None:
    names = ["+tag@example.test", "-mai@example.test", "lan@example.test"]
    imports.run("\n".join(names).encode())
    told = admin_api.get(f"{LIST}?eventTypeId={school.lesson_id}", claims=claims).json
    assert sorted(email for email, _ in rows_of(told)) == [
        "'+tag@example.test",
        "'-mai@example.test",
        names[2],
    ]
    outcome = imports.run(fetched(told).content, "replace")
    assert (outcome.already_there, outcome.removed, outcome.rejected) == (3, 0, 0)


def test_a_file_that_is_written_anew_holds_nothing_of_before(imports: Imports, school: School) -> None:
    school.allow("lan@example.test")

    def write(connection: Connection) -> int:
        return write_entries(connection, school.id, school.lesson_id, file)

    with TemporaryFile() as file:
        told = [in_tenant(imports.engine, of_tenant(school.id), write) for _ in range(2)]
        file.seek(0)
        assert (told, len(file.readlines())) == ([1, 1], 2)


def test_no_cell_of_the_rejected_lines_is_a_formula(
    admin_api: Api, imports: Imports, claims: dict[str, str]
) -> None:
    values = [
        '=HYPERLINK("http://evil.test","x")',
        "+1+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(1)",
        "\uff1d1",
        'say "hi", you',
        "Nguyễn",
        "two\nlines",
        "a;b",
    ]
    quoted = "\n".join('"' + value.replace('"', '""') + '"' for value in values)
    asked = imports.ask()
    imports.carry_out(asked, iter([f"email\n{quoted}\nlan@example.test\n".encode()]))
    told = admin_api.get(f"{IMPORTS}/{asked}/rejected-lines", claims=claims).json
    rows = rows_of(told)
    assert [value.removeprefix("'") for _, value, _ in rows] == values
    assert [value for _, value, _ in rows if value[0] in FORMULAS] == []
    assert [line for line, _, _ in rows] == ["2", "3", "4", "5", "6", "7", "8", "9", "11"]
    assert {reason for _, _, reason in rows} == {"not_an_address"}


def test_rejected_lines_are_exported_in_their_order_however_many(
    admin_api: Api, imports: Imports, claims: dict[str, str]
) -> None:
    asked = imports.ask()
    imports.carry_out(asked, iter([b"\n".join(b"bad %d" % number for number in range(1, 21_502))]))
    told = admin_api.get(f"{IMPORTS}/{asked}/rejected-lines", claims=claims).json
    assert [int(line) for line, _, _ in rows_of(told)] == list(range(1, 21_502))
