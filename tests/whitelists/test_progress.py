"""Who looks while an import runs sees how far it is, and never a part of its list."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from shared.database import connect_database, in_tenant
from shared.whitelists.import_whitelist import of_import
from shared.whitelists.tell_progress import READ, Teller, tell_progress
from shared.whitelists.uploads import upload_key
from tests.functions import Api, LoadedFunction, sqs_event
from tests.schools import School
from tests.whitelists.imports import NOW, Imports, notification

PATH = "/v1/admin/whitelist-imports"


@pytest.fixture
def claims(school: School) -> dict[str, str]:
    return {"email": school.admin_email, "email_verified": "true"}


@pytest.fixture
def teller(imports: Imports) -> Iterator[Teller]:
    engine = connect_database(imports.school.database.app_url)
    yield Teller(engine, imports.ask(), NOW)
    engine.dispose()


def told(imports: Imports, teller: Teller) -> tuple[str, int]:
    (row,) = imports.school.database.rows(
        'SELECT status, "percentDone" FROM "WhitelistImport" WHERE id = CAST(:id AS uuid)',
        id=str(teller.import_id),
    )
    return row["status"], row["percentDone"]


def test_of_an_import_that_has_ended_no_progress_is_told(imports: Imports, teller: Teller) -> None:
    imports.carry_out(teller.import_id, iter([b""]))
    teller.begun()
    assert told(imports, teller) == ("FAILED", 100)


def test_nobody_waits_to_tell_of_progress_while_the_import_is_decided(
    imports: Imports, teller: Teller
) -> None:
    """Each of two transactions would have to wait for the other."""
    mine = of_import(teller.import_id)

    def decide(connection: Any) -> None:
        tell_progress(connection, teller.import_id, 90, NOW)
        teller.decided(0.5)

    in_tenant(imports.engine, mine, decide)
    assert told(imports, teller) == ("PROCESSING", 90)


def test_progress_is_told_by_what_was_read(
    imports: Imports, teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.whitelists.tell_progress.BYTES_BETWEEN", 250)
    seen = [told(imports, teller) for _ in teller.read(iter([b"x" * 100] * 10), 1_000)]
    assert seen[0] == ("AWAITING_UPLOAD", 0)
    assert [percent for _, percent in seen[3:]] == [12, 12, 12, 24, 24, 24, 36]
    assert {status for status, _ in seen[3:]} == {"PROCESSING"}


def test_the_whole_way_of_an_import_is_seen_from_outside(
    admin_api: Api,
    importer: LoadedFunction,
    imports: Imports,
    bucket: str,
    claims: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, seen = imports.ask(), []
    monkeypatch.setattr("shared.whitelists.import_whitelist.LINES_IN_A_STATEMENT", 3)
    tell = Teller._tell

    def look(teller: Teller, percent: int) -> None:
        tell(teller, percent)
        state = admin_api.get(f"{PATH}/{asked}", claims=claims).json
        seen.append((state["status"], state["percentDone"], state["rowsAdded"], imports.listed()))

    monkeypatch.setattr(Teller, "_tell", look)
    content = "\n".join(f"student{number}@example.test" for number in range(9)).encode()
    boto3.client("s3").put_object(Bucket=bucket, Key=upload_key(asked), Body=content)
    importer(sqs_event(notification(upload_key(asked))))
    assert [percent for _, percent, _, _ in seen] == [0, READ + 19, READ + 39, 99]
    assert {(status, added, len(listed)) for status, _, added, listed in seen} == {("PROCESSING", 0, 0)}
    after = admin_api.get(f"{PATH}/{asked}", claims=claims).json
    assert (after["status"], after["percentDone"], after["rowsAdded"]) == ("COMPLETED", 100, 9)


def test_imports_are_listed_the_newest_first_a_page_at_a_time(
    admin_api: Api, imports: Imports, school: School, claims: dict[str, str]
) -> None:
    made = [str(imports.ask()) for _ in range(7)]
    # Three are of one moment, so that only their ids tell them apart.
    for hours, one in enumerate(made):
        school.database.rows(
            """UPDATE "WhitelistImport" SET "createdAt" = timestamp '2026-11-22' + :hours * interval '1 hour'
               WHERE id = CAST(:id AS uuid)""",
            hours=max(hours, 2),
            id=one,
        )
    listed: list[str] = []
    page = admin_api.get(f"{PATH}?limit=2", claims=claims).json
    while cursor := page.get("nextCursor"):
        listed += [each["id"] for each in page["whitelistImports"]]
        page = admin_api.get(f"{PATH}?limit=2&cursor={cursor}", claims=claims).json
    listed += [each["id"] for each in page["whitelistImports"]]
    assert listed == [*reversed(made[3:]), *sorted(made[:3], reverse=True)]
    of_another = admin_api.get(f"{PATH}?eventTypeId=2000000", claims=claims).json
    assert of_another == {"whitelistImports": []}


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "cursor=1", "cursor=x-y", "eventTypeId=x", "mode=merge"]
)
def test_a_page_of_imports_that_cannot_be_is_refused(
    admin_api: Api, claims: dict[str, str], query: str
) -> None:
    answer = admin_api.get(f"{PATH}?{query}", claims=claims)
    assert (answer.status, answer.code) == (422, "invalid_request")
