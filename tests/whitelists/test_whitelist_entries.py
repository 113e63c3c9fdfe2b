"""An admin looks through a list, puts single addresses on it and takes them off."""

from base64 import urlsafe_b64encode
from typing import Any

import pytest

from tests.functions import Answer, Api
from tests.schools import School, make_school
from tests.whitelists.imports import Imports

PATH = "/v1/admin/whitelist-entries"
BEGUN = "2026-11-22T12:00:00Z"


@pytest.fixture
def claims(school: School) -> dict[str, str]:
    return {"email": school.admin_email, "email_verified": "true"}


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.code


def of(school: School, email: str = "mai@example.test") -> dict[str, Any]:
    return {"eventTypeId": school.lesson_id, "email": email}


def entry_of(school: School, email: str) -> int:
    return int(school.database.value('SELECT id FROM "WhitelistEntry" WHERE email = :e', e=email))


def audited(school: School) -> list[tuple[str, int, dict[str, Any]]]:
    rows = school.database.rows('SELECT action, "actorId", changes FROM "AuditEvent" ORDER BY id')
    return [(row["action"], row["actorId"], row["changes"]) for row in rows]


def test_nobody_sees_or_changes_a_list_but_the_schools_own_admins(admin_api: Api, school: School) -> None:
    make_school(school.database, "lotus")
    school.allow("lan@example.test")
    listed = f"{PATH}/{entry_of(school, 'lan@example.test')}"
    for email in ("teacher1@aurora.test", "admin@lotus.test", "stranger@example.test"):
        claims = {"email": email}
        for path in (f"{PATH}?eventTypeId={school.lesson_id}", f"{PATH}/export?eventTypeId=1"):
            assert refused(admin_api.get(path, claims=claims)) == (403, "forbidden")
        assert refused(admin_api.post(PATH, of(school), claims=claims)) == (403, "forbidden")
        assert refused(admin_api.request("DELETE", listed, claims=claims)) == (403, "forbidden")
    assert refused(admin_api.get(f"{PATH}?eventTypeId={school.lesson_id}")) == (401, "unauthorized")
    assert school.database.value('SELECT count(*) FROM "WhitelistEntry"') == 1


def test_another_schools_list_is_like_none(admin_api: Api, school: School, claims: dict[str, str]) -> None:
    lotus = make_school(school.database, "lotus")
    lotus.allow("lan@example.test")
    theirs = entry_of(school, "lan@example.test")
    for event_type in (lotus.lesson_id, 2_000_000):
        for path in (PATH, f"{PATH}/export"):
            told = admin_api.get(f"{path}?eventTypeId={event_type}", claims=claims)
            assert refused(told) == (404, "event_type_not_found")
        told = admin_api.post(PATH, {**of(school), "eventTypeId": event_type}, claims=claims)
        assert refused(told) == (404, "event_type_not_found")
    for entry, code in ((theirs, "whitelist_entry_not_found"), (2_000_000, "whitelist_entry_not_found"),
                        ("x", "not_found"), ("9" * 20, "not_found")):  # fmt: skip
        told = admin_api.request("DELETE", f"{PATH}/{entry}", claims=claims)
        assert refused(told) == (404, code)
    assert school.database.value('SELECT count(*) FROM "WhitelistEntry"') == 1
    assert audited(school) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "nobody"},
        {"email": "m\u0430i@example.test"},
        {"email": "a" * 250 + "@b.test"},
        {"email": "mai@example.test\0"},
        {"email": None},
        {"eventTypeId": 0},
        {"tenantId": 1},
    ],
)
def test_what_is_no_address_is_refused(
    admin_api: Api, school: School, claims: dict[str, str], wrong: dict[str, Any]
) -> None:
    told = admin_api.post(PATH, {**of(school), **wrong}, claims=claims)
    assert refused(told) == (422, "invalid_request")
    assert school.database.value('SELECT count(*) FROM "WhitelistEntry"') == 0


def _cursor(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "cursor=%21",
        "cursor=a",
        f"cursor={_cursor('nobody')}",
        f"cursor={_cursor('ä@b.test')}",
        f"cursor={_cursor('A@b.test')}",
        "search=%00",
        "search=%C3%A4",
        "offset=1",
    ],
)
def test_a_page_that_cannot_be_is_refused(
    admin_api: Api, school: School, claims: dict[str, str], query: str
) -> None:
    told = admin_api.get(f"{PATH}?eventTypeId={school.lesson_id}&{query}", claims=claims)
    assert refused(told) == (422, "invalid_request")


def test_without_an_event_type_no_list_is_told(admin_api: Api, claims: dict[str, str]) -> None:
    assert refused(admin_api.get(PATH, claims=claims)) == (422, "invalid_request")
    assert refused(admin_api.get(f"{PATH}/export", claims=claims)) == (422, "invalid_request")


def test_a_plan_without_whitelists_takes_no_more_addresses_and_lets_go_of_those_it_has(
    admin_api: Api, school: School, claims: dict[str, str]
) -> None:
    school.allow("lan@example.test")
    school.change("Tenant", school.id, subscriptionPlan="LITE")
    told = admin_api.post(PATH, of(school), claims=claims)
    assert (*refused(told), told.json["limit"]) == (403, "plan_limit_reached", "features.whitelist")
    upload = admin_api.post(
        "/v1/admin/whitelist-imports", {"eventTypeId": school.lesson_id, "mode": "merge"}, claims=claims
    )
    assert (*refused(upload), upload.json["limit"]) == (403, "plan_limit_reached", "features.whitelist")
    listed = f"{PATH}/{entry_of(school, 'lan@example.test')}"
    assert admin_api.request("DELETE", listed, claims=claims).status == 200


def test_a_suspended_school_adds_nobody(admin_api: Api, school: School, claims: dict[str, str]) -> None:
    school.change("Tenant", school.id, subscriptionStatus="SUSPENDED")
    assert refused(admin_api.post(PATH, of(school), claims=claims)) == (403, "tenant_suspended")


def test_an_address_is_added_once_however_it_is_written(
    admin_api: Api, school: School, claims: dict[str, str]
) -> None:
    first = admin_api.post(PATH, of(school, " Mai+Tag@Example.test "), claims=claims)
    assert first.status == 201
    again = admin_api.post(PATH, of(school, "mai+tag@example.TEST"), claims=claims)
    assert (again.status, again.json) == (200, first.json)
    assert {**first.json, "addedAt": ""} == {
        "id": entry_of(school, "mai+tag@example.test"),
        "eventTypeId": school.lesson_id,
        "email": "mai+tag@example.test",
        "addedAt": "",
        "addedBy": school.admin_id,
    }
    created = {"email": "changed", "eventTypeId": {"before": None, "after": school.lesson_id}}
    assert audited(school) == [("whitelistEntry.added", school.admin_id, created)]


def test_an_address_that_is_taken_off_is_gone(admin_api: Api, school: School, claims: dict[str, str]) -> None:
    school.allow("lan@example.test")
    school.allow("mai@example.test")
    listed = f"{PATH}/{entry_of(school, 'lan@example.test')}"
    assert admin_api.request("DELETE", listed, claims=claims).json["email"] == "lan@example.test"
    told = admin_api.request("DELETE", listed, claims=claims)
    assert refused(told) == (404, "whitelist_entry_not_found")
    left = admin_api.get(f"{PATH}?eventTypeId={school.lesson_id}", claims=claims).json
    assert [each["email"] for each in left["whitelistEntries"]] == ["mai@example.test"]
    (removal,) = audited(school)
    assert removal[0] == "whitelistEntry.removed"
    assert "lan@" not in str(removal)


def test_a_long_list_is_told_in_pages_that_miss_and_repeat_nobody(
    admin_api: Api, imports: Imports, school: School, claims: dict[str, str]
) -> None:
    names = [f"student{number:03}@example.test" for number in range(1, 124)]
    imports.run("\n".join(names).encode())
    told: list[str] = []
    path = f"{PATH}?eventTypeId={school.lesson_id}"
    page = admin_api.get(path, claims=claims).json
    assert len(page["whitelistEntries"]) == 50
    assert "@" not in page["nextCursor"]
    while cursor := page.get("nextCursor"):
        told += [each["email"] for each in page["whitelistEntries"]]
        page = admin_api.get(f"{path}&cursor={cursor}&limit=49", claims=claims).json
    assert told + [each["email"] for each in page["whitelistEntries"]] == names


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("MAI@", ["mai@example.test"]),
        ("example", ["lan%25@example.test", "mai@example.test"]),
        ("%2525", ["lan%25@example.test"]),
        ("m%25i", []),
        ("a_@", []),
        ("nobody", []),
    ],
)
def test_a_list_is_searched_by_any_part_of_an_address(
    admin_api: Api, school: School, claims: dict[str, str], search: str, found: list[str]
) -> None:
    school.allow("mai@example.test")
    school.allow("lan%25@example.test")
    told = admin_api.get(f"{PATH}?eventTypeId={school.lesson_id}&search={search}", claims=claims).json
    assert [each["email"] for each in told["whitelistEntries"]] == found
