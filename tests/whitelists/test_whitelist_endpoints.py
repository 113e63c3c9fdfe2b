"""An admin asks for an upload and reads what came of it."""

import json
from base64 import b64decode
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import pytest

from tests.functions import Answer, Api, LoadedFunction, sqs_event
from tests.schools import School, make_school
from tests.whitelists.imports import Imports, notification

PATH = "/v1/admin/whitelist-imports"


@pytest.fixture
def claims(school: School) -> dict[str, str]:
    return {"email": school.admin_email, "email_verified": "true"}


def asked(school: School, **more: Any) -> dict[str, Any]:
    return {"eventTypeId": school.lesson_id, "mode": "merge", **more}


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.code


def made(school: School) -> int:
    return int(school.database.value('SELECT count(*) FROM "WhitelistImport"'))


def test_nobody_asks_without_a_token(admin_api: Api, school: School) -> None:
    assert refused(admin_api.post(PATH, asked(school))) == (401, "unauthorized")
    assert refused(admin_api.get(f"{PATH}/{uuid4()}")) == (401, "unauthorized")
    assert made(school) == 0


@pytest.mark.parametrize("email", ["teacher1@aurora.test", "admin@lotus.test", "stranger@example.test"])
def test_nobody_asks_but_the_schools_own_admins(admin_api: Api, school: School, email: str) -> None:
    make_school(school.database, "lotus")
    told = admin_api.post(PATH, asked(school), claims={"email": email})
    assert refused(told) == (403, "forbidden")
    assert refused(admin_api.get(f"{PATH}/{uuid4()}", claims={"email": email})) == (403, "forbidden")
    assert made(school) == 0


def test_another_schools_event_type_is_like_none(
    admin_api: Api, school: School, claims: dict[str, str]
) -> None:
    lotus = make_school(school.database, "lotus")
    for event_type_id in (lotus.lesson_id, 2_000_000):
        told = admin_api.post(PATH, asked(school, eventTypeId=event_type_id), claims=claims)
        assert refused(told) == (404, "event_type_not_found")
    assert made(school) == 0


def test_another_schools_import_is_like_none(admin_api: Api, imports: Imports, school: School) -> None:
    lotus, theirs = make_school(school.database, "lotus"), imports.ask()
    admin_api.tenant = "lotus"
    for wanted in (str(theirs), str(uuid4()), "1", "%00", "x" * 300):
        told = admin_api.get(f"{PATH}/{wanted}", claims={"email": lotus.admin_email})
        assert refused(told) == (404, "whitelist_import_not_found")


def test_a_suspended_school_uploads_nothing(admin_api: Api, school: School, claims: dict[str, str]) -> None:
    school.change("Tenant", school.id, subscriptionStatus="SUSPENDED")
    assert refused(admin_api.post(PATH, asked(school), claims=claims)) == (403, "tenant_suspended")


@pytest.mark.parametrize(
    "wrong",
    [
        {"mode": "append"},
        {"mode": None},
        {"headerMapping": {"email": ""}},
        {"headerMapping": {"name": "x"}},
        {"eventTypeId": "x"},
        {"eventTypeId": 0},
        {"tenantId": 1},
    ],
)
def test_a_request_that_cannot_be_is_refused(
    admin_api: Api, school: School, claims: dict[str, str], wrong: dict[str, Any]
) -> None:
    told = admin_api.post(PATH, asked(school, **wrong), claims=claims)
    assert refused(told) == (422, "invalid_request")
    assert made(school) == 0


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "cursor=x", "cursor=-1", "offset=1"])
def test_a_page_that_cannot_be_is_refused(
    admin_api: Api, imports: Imports, claims: dict[str, str], query: str
) -> None:
    told = admin_api.get(f"{PATH}/{imports.ask()}?{query}", claims=claims)
    assert refused(told) == (422, "invalid_request")


def test_a_key_is_not_used_for_another_request(
    admin_api: Api, school: School, claims: dict[str, str]
) -> None:
    key = {"Idempotency-Key": "once"}
    admin_api.post(PATH, asked(school), claims=claims, headers=key)
    told = admin_api.post(PATH, asked(school, mode="replace"), claims=claims, headers=key)
    assert refused(told) == (422, "idempotency_key_reused")
    assert made(school) == 1


def test_a_key_is_not_used_for_another_column(admin_api: Api, school: School, claims: dict[str, str]) -> None:
    key = {"Idempotency-Key": "once"}
    mapped = asked(school, headerMapping={"email": "Contact"})
    first = admin_api.post(PATH, mapped, claims=claims, headers=key)
    state = admin_api.get(f"{PATH}/{first.json['id']}", claims=claims).json
    assert state["headerMapping"] == {"email": "Contact"}
    told = admin_api.post(PATH, asked(school), claims=claims, headers=key)
    assert refused(told) == (422, "idempotency_key_reused")


def test_who_asked_for_an_import_is_in_the_audit_trail(
    admin_api: Api, school: School, claims: dict[str, str]
) -> None:
    key = {"Idempotency-Key": "once"}
    told = [admin_api.post(PATH, asked(school), claims=claims, headers=key).json for _ in range(2)]
    trail = school.database.rows('SELECT action, "actorId", "subjectId" FROM "AuditEvent"')
    assert trail == [
        {"action": "whitelistImport.created", "actorId": school.admin_id, "subjectId": told[0]["id"]}
    ]


def test_a_request_that_is_sent_again_is_told_the_same_import(
    admin_api: Api, school: School, claims: dict[str, str]
) -> None:
    lotus, key = make_school(school.database, "lotus"), {"Idempotency-Key": "once"}
    first = admin_api.post(PATH, asked(school), claims=claims, headers=key)
    again = admin_api.post(PATH, asked(school), claims=claims, headers=key)
    assert (again.status, again.json["id"]) == (201, first.json["id"])
    assert again.headers["idempotent-replayed"] == "true"
    admin_api.tenant = "lotus"
    theirs = admin_api.post(PATH, asked(lotus), claims={"email": lotus.admin_email}, headers=key)
    assert theirs.json["id"] != first.json["id"]
    assert made(school) == 2


def test_an_upload_is_signed_for_one_file_of_one_type_and_a_quarter_of_an_hour(
    admin_api: Api, school: School, claims: dict[str, str], bucket: str
) -> None:
    told = admin_api.post(PATH, asked(school), claims=claims)
    assert told.status == 201
    assert told.headers["location"] == f"{PATH}/{told.json['id']}"
    assert told.json["status"] == "AWAITING_UPLOAD"
    upload = told.json["upload"]
    assert (upload["method"], urlsplit(upload["url"]).path) == ("POST", f"/{bucket}")
    assert upload["maxBytes"] == 50 * 1024 * 1024
    key = f"whitelist-imports/{told.json['id']}.csv"
    assert (upload["fields"]["key"], upload["fields"]["Content-Type"]) == (key, "text/csv")
    signed = json.loads(b64decode(upload["fields"]["policy"]))
    assert {"Content-Type": "text/csv"} in signed["conditions"]
    assert ["content-length-range", 0, upload["maxBytes"]] in signed["conditions"]
    assert {"bucket": bucket} in signed["conditions"]
    assert {"key": key} in signed["conditions"]
    created = admin_api.get(told.headers["location"], claims=claims).json["createdAt"]
    assert created < upload["expiresAt"]


def test_rejected_lines_are_told_a_page_at_a_time(
    admin_api: Api, imports: Imports, claims: dict[str, str]
) -> None:
    wanted = imports.ask()
    imports.carry_out(wanted, iter([b"\n".join(b"bad %d" % number for number in range(1, 251))]))
    lines: list[int] = []
    page = admin_api.get(f"{PATH}/{wanted}", claims=claims).json
    assert len(page["rejectedLines"]) == 100
    assert page["rejectedLines"][0] == {"line": 1, "value": "bad 1", "reason": "not_an_address"}
    while cursor := page.get("nextCursor"):
        lines += [each["line"] for each in page["rejectedLines"]]
        page = admin_api.get(f"{PATH}/{wanted}?limit=99&cursor={cursor}", claims=claims).json
    assert [*lines, *(each["line"] for each in page["rejectedLines"])] == list(range(1, 251))


def test_a_super_admin_uploads_for_any_school(admin_api: Api, school: School) -> None:
    school.database.rows(
        """INSERT INTO users (email, name, "tenantId", "tenantRole", uuid)
           SELECT 'root@platform.test', 'Root', id, 'SUPER_ADMIN', gen_random_uuid()
           FROM "Tenant" WHERE subdomain = 'default'"""
    )
    told = admin_api.post(PATH, asked(school), claims={"email": "root@platform.test"})
    assert told.status == 201
    assert school.database.rows('SELECT "tenantId", "createdBy" FROM "WhitelistImport"') == [
        {"tenantId": school.id, "createdBy": None}
    ]


def test_the_story_of_a_list(
    admin_api: Api, importer: LoadedFunction, imports: Imports, school: School, claims: dict[str, str]
) -> None:
    school.allow("lan@example.test")
    told = admin_api.post(PATH, asked(school, mode="replace"), claims=claims).json
    upload = told["upload"]
    content = "Email;Tên\r\nMai@example.test;Mai\r\n;Lan\r\nnobody;Nam\r\n".encode("utf-16")
    httpx.post(upload["url"], data=upload["fields"], files={"file": content}).raise_for_status()
    before = admin_api.get(f"{PATH}/{told['id']}", claims=claims).json
    assert before["status"] == "AWAITING_UPLOAD"
    importer(sqs_event(notification(f"whitelist-imports/{UUID(told['id'])}.csv")))
    after = admin_api.get(f"{PATH}/{told['id']}", claims=claims).json
    assert after.pop("finishedAt") == after.pop("startedAt") >= after.pop("createdAt")
    assert after == {
        "id": told["id"],
        "eventTypeId": school.lesson_id,
        "mode": "replace",
        "status": "COMPLETED",
        "percentDone": 100,
        "rowsRead": 3,
        "rowsAdded": 1,
        "rowsAlreadyThere": 0,
        "rowsRemoved": 1,
        "rowsRejected": 2,
        "rejectedLines": [
            {"line": 3, "value": "", "reason": "missing"},
            {"line": 4, "value": "nobody", "reason": "not_an_address"},
        ],
    }
    assert imports.listed() == ["mai@example.test"]
