"""An admin sets the school's Immersio, tries it, has it synchronised, and never sees the keys again."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from shared.clients.sealing import Sealer
from tests.clients.kms import kms_key
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Api
from tests.immersio.connected import pull, state
from tests.immersio.desk import Desk
from tests.immersio.fake_school import FakeSchool
from tests.schools import School

PRIVATE = [
    "http://aurora.immersio.com",
    "https://127.0.0.1",
    "https://127.1",
    "https://2130706433",
    "https://0x7f000001",
    "https://0177.0.0.1",
    "https://127.0.0.1.immersio.com.evil.test",
    "https://[::1]",
    "https://[::ffff:127.0.0.1]",
    "https://[::ffff:7f00:1]",
    "https://[64:ff9b::7f00:1]",
    "https://[2002:7f00:1::]",
    "https://[fd00::1]",
    "https://[fe80::1%25eth0]",
    "https://169.254.169.254",
    "https://10.0.0.1",
    "https://172.16.0.1",
    "https://192.168.0.1",
    "https://100.64.0.1",
    "https://0.0.0.0",
    "https://localhost",
    "https://localhost.immersio.com@127.0.0.1",
    "https://aurora.immersio.com@10.0.0.1",
    "https://aurora.immersio.com:8443",
    "https://aurora.immersio.com/api",
    "https://aurora.immersio.com?x",
    "https://aurora.immersio.com#x",
    "https://aurora.immersio.com\\@10.0.0.1",
    "https://immersio.com.evil.test",
    "https://evilimmersio.com",
    "https://①②⑦.⓪.⓪.①",
    "https://aurora。immersio。com",
    "ftp://aurora.immersio.com",
    "file:///etc/passwd",
    "//aurora.immersio.com",
    "aurora.immersio.com",
    "https://",
    "https://aurora.immersio.com\n",
]


@pytest.fixture
def sealer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sealer]:
    with kms_key(monkeypatch) as key_id:
        yield Sealer(key_id)


@pytest.fixture
def admin(load: Load, school: School, sealer: Sealer) -> Iterator[Desk]:
    """The school's admin, through the real handler, on a machine where Immersio may be."""
    function = load(
        "admin_api",
        UPLOADS_BUCKET="uploads",
        TENANT_SECRETS_KEY_ID=sealer._key_id,
        IMMERSIO_ALLOW_LOOPBACK="1",
    )
    yield Desk(Api(function), school.admin_email)
    function.close()


@pytest.fixture
def keys(there: FakeSchool) -> dict[str, str]:
    """Of the school at the fake."""
    return {"apiUrl": there.url, "apiKey": there.api_key, "apiSecret": there.api_secret}


def resolve(monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> None:
    """The names of the vendor lead there."""
    of_system = socket.getaddrinfo

    def resolved(host: str, port: int, *asked: Any, **more: Any) -> list[Any]:
        if not str(host).endswith("immersio.com"):
            return list(of_system(host, port, *asked, **more))
        return [(2, 1, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr("socket.getaddrinfo", resolved)


# ── Refusals ────────────────────────────────────────────────────────────────────────────────────
def test_nobody_but_an_admin_has_to_do_with_it(admin: Desk, keys: dict[str, str]) -> None:
    teacher = admin.named("teacher1@aurora.test")
    told = [teacher.get("settings"), teacher.put(**keys), teacher.get("logs")]
    told += [teacher.post(each) for each in ("test", "sync", "redrive")]
    assert [each.code for each in told] == ["forbidden"] * 6


def test_a_plan_without_the_feature_sets_and_asks_nothing(
    admin: Desk, keys: dict[str, str], school: School
) -> None:
    school.change("Tenant", school.id, subscriptionPlan="STARTER")
    told = [admin.put(**keys), admin.post("test"), admin.post("sync")]
    assert [each.code for each in told] == ["plan_limit_reached"] * 3
    assert told[0].json["limit"] == "features.immersioSync"
    assert admin.get("settings").status == 200


@pytest.mark.parametrize("url", PRIVATE)
def test_an_address_that_may_lead_inside_is_refused_when_it_is_entered(
    admin: Desk, school: School, url: str, database: TestDatabase
) -> None:
    refused = admin.put(apiUrl=url)
    assert (refused.status, refused.code) == (422, "invalid_request")
    assert url.strip() not in refused.text
    assert database.value('SELECT "immersioApiUrl" FROM "Tenant" WHERE id = :t', t=school.id) is None


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["10.0.0.1"], ["93.184.216.34", "192.168.0.1"], ["::1"], ["::ffff:10.0.0.1"], []],
    ids=str,
)
def test_a_name_of_the_vendor_that_leads_inside_is_refused_too(
    admin: Desk, addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(monkeypatch, addresses)
    assert admin.put(apiUrl="https://aurora.immersio.com").code == "invalid_request"


def test_a_public_address_of_the_vendor_is_taken(admin: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin of the above."""
    resolve(monkeypatch, ["93.184.216.34"])
    assert admin.put(apiUrl="https://Aurora.Immersio.com/").json["apiUrl"] == "https://Aurora.Immersio.com"


@pytest.mark.parametrize(
    "settings",
    [
        {"apiKey": "short"},
        {"apiKey": "with space in it"},
        {"apiSecret": "line\nbreak-in-it"},
        {"apiSecret": "x" * 256},
        {"webhookSecret": "dấu dấu dấu"},
        {"enabled": "yes"},
        {"enabled": None},
        {"tenantId": 1},
    ],
    ids=str,
)
def test_what_is_no_key_is_refused_and_not_told_back(admin: Desk, settings: dict[str, Any]) -> None:
    refused = admin.put(**settings)
    assert (refused.status, refused.code) == (422, "invalid_request")
    assert not any(str(value) in refused.text for value in settings.values() if isinstance(value, str))


@pytest.mark.parametrize("path", ["test", "sync"])
def test_what_is_not_set_up_can_be_neither_tried_nor_synchronised(admin: Desk, path: str) -> None:
    refused = admin.post(path)
    assert (refused.status, refused.code) == (409, "immersio_not_set_up")


# ── Settings ────────────────────────────────────────────────────────────────────────────────────
def test_what_is_set_is_told_and_the_keys_are_not(
    admin: Desk, keys: dict[str, str], school: School, database: TestDatabase, sealer: Sealer
) -> None:
    told = admin.put(**keys, webhookSecret="hook-secret").json
    assert told["webhookUrl"].startswith("https://api.booking.test/v1/webhooks/immersio/")
    health = told.pop("health")
    assert (health["paused"], [each["stream"] for each in health["streams"]]) == (
        False,
        ["bookings", "courses", "students"],
    )
    del told["webhookUrl"]
    assert told == {
        "apiUrl": keys["apiUrl"],
        "hasApiKey": True,
        "hasApiSecret": True,
        "hasWebhookSecret": True,
        "enabled": True,
    }
    (row,) = database.rows('SELECT * FROM "Tenant" WHERE id = :t', t=school.id)
    assert sealer.open(school.id, "immersioApiKey", row["immersioApiKey"]) == keys["apiKey"]
    assert keys["apiSecret"] not in str(row)
    (changes,) = database.rows('SELECT changes FROM "AuditEvent" WHERE "tenantId" = :t', t=school.id)
    assert keys["apiSecret"] not in str(changes)
    assert changes["changes"]["hasApiKey"] == {"before": False, "after": True}


def test_what_is_left_out_stays_and_null_takes_away(admin: Desk, keys: dict[str, str]) -> None:
    admin.put(**keys)
    assert admin.put(enabled=False).json["hasApiKey"] is True
    told = admin.put(apiKey=None).json
    assert (told["hasApiKey"], told["hasApiSecret"], told["enabled"]) == (False, True, False)


def test_the_sync_is_turned_off_and_on_and_other_settings_stay(
    admin: Desk, keys: dict[str, str], school: School, database: TestDatabase
) -> None:
    school.change("Tenant", school.id, settings='{"other": 1}')
    admin.put(**keys, enabled=False)
    assert admin.post("sync").code == "immersio_not_set_up"
    assert admin.put(enabled=True).json["enabled"] is True
    assert admin.post("sync").status == 202
    assert database.value('SELECT settings FROM "Tenant" WHERE id = :t', t=school.id) == {"other": 1}


def test_new_keys_end_a_pause_and_pull_everything_anew(
    admin: Desk, keys: dict[str, str], there: FakeSchool, school: School, database: TestDatabase
) -> None:
    admin.put(**keys)
    wrong = there.client(api_secret="secret-of-another")
    for _ in range(3):
        pull(school, wrong)
    assert admin.get("settings").json["health"]["paused"] is True
    admin.put(apiSecret=there.api_secret)
    assert admin.get("settings").json["health"]["paused"] is False
    assert state(database, school)["watermark"] is None
    assert pull(school, there).outcome == "finished"


# ── Trying, synchronising, looking ──────────────────────────────────────────────────────────────
def test_good_keys_connect(admin: Desk, keys: dict[str, str], there: FakeSchool) -> None:
    admin.put(**keys)
    assert admin.post("test").json == {"connected": True}
    assert [each["path"] for each in there.requests] == ["/v1/ping"]


def test_keys_that_immersio_refuses_are_told_as_such(admin: Desk, keys: dict[str, str]) -> None:
    admin.put(**keys | {"apiSecret": "secret-of-another"})
    refused = admin.post("test")
    assert (refused.status, refused.code, refused.json["reason"]) == (
        422, "immersio_refused", "invalid_signature",
    )  # fmt: skip


def test_an_immersio_that_is_down_is_told_as_such(
    admin: Desk, keys: dict[str, str], there: FakeSchool
) -> None:
    admin.put(**keys)
    there.fault("status", status=503)
    refused = admin.post("test")
    assert (refused.status, refused.code) == (503, "immersio_unavailable")


def test_the_sync_can_be_wanted_now(
    admin: Desk, keys: dict[str, str], school: School, there: FakeSchool, database: TestDatabase
) -> None:
    admin.put(**keys)
    pull(school, there)
    late = state(database, school)["dueAt"]
    assert admin.post("sync", {"streams": ["courses"]}).json == {"streams": ["courses"]}
    assert state(database, school)["dueAt"] < late


def test_a_stream_that_is_named_twice_is_wanted_once(admin: Desk, keys: dict[str, str]) -> None:
    assert admin.put(**keys).status == 200
    answer = admin.post("sync", {"streams": ["courses", "courses", "students"]})
    assert (answer.status, answer.json) == (202, {"streams": ["courses", "students"]})


@pytest.mark.parametrize("body", [{"streams": []}, {"streams": ["teachers"]}, {"all": True}])
def test_what_cannot_be_synchronised_is_refused(admin: Desk, keys: dict[str, str], body: Any) -> None:
    admin.put(**keys)
    assert admin.post("sync", body).status == 422


def test_deletions_that_were_held_back_can_be_let_pass(
    admin: Desk, keys: dict[str, str], there: FakeSchool, school: School, database: TestDatabase
) -> None:
    admin.put(**keys)
    there.put_numbered(20)
    pull(school, there)
    database.rows("""UPDATE "ImmersioSyncState" SET "heldRemovals" = 15 WHERE stream = 'courses'""")
    (courses,) = [each for each in admin.get("settings").json["health"]["streams"]
                  if each["stream"] == "courses"]  # fmt: skip
    assert courses["heldRemovals"] == 15
    admin.post("sync", {"acceptRemovals": True})
    assert state(database, school)["removalsAccepted"] is True


def test_the_log_is_told_in_pages_the_newest_first(
    admin: Desk, keys: dict[str, str], there: FakeSchool, school: School
) -> None:
    admin.put(**keys)
    there.put_numbered(5)
    there.put({"id": "broken", "title": ""})
    pull(school, there)
    first = admin.get("logs?limit=4").json
    second = admin.get(f"logs?limit=4&cursor={first['nextCursor']}").json
    ids = [row["resourceId"] for page in (first, second) for row in page["logs"]]
    assert sorted(ids) == ["broken", "c1", "c2", "c3", "c4", "c5"]
    assert "nextCursor" not in second
    (failure,) = admin.get("logs?status=FAILED").json["logs"]
    assert (failure["syncType"], failure["errorCode"]) == ("COURSE", "invalid_course")
    assert admin.get("logs?syncType=BOOKING").json == {"logs": []}


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "cursor=x", "syncType=TEACHER", "more=1"])
def test_a_page_of_the_log_that_cannot_be_is_refused(admin: Desk, query: str) -> None:
    assert admin.get(f"logs?{query}").status == 422


def test_what_was_given_up_is_redriven_once(admin: Desk, keys: dict[str, str]) -> None:
    admin.put(**keys)
    assert admin.post("redrive").json == {"bookings": 0}
