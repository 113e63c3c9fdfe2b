"""Immersio's hints: who signed them is believed that there is something to look at, and nothing else."""

import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from shared.clients.sealing import Sealer
from tests.clients.kms import kms_key
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Answer, Api
from tests.immersio.connected import state
from tests.schools import School, make_school

SECRET = "hook-secret-of-aurora"
HINT = {"type": "course.updated", "id": "c1"}


@dataclass(frozen=True)
class Hints:
    """The endpoint of the school, and how Immersio calls it."""

    api: Api
    school: School

    def send(
        self,
        body: Any = None,
        *,
        hint: str = "hint-1",
        secret: str = SECRET,
        age: int = 0,
        endpoint: str = "ih_aurora",
        **headers: str,
    ) -> Answer:
        raw = body if isinstance(body, str) else json.dumps(HINT if body is None else body)
        stamp = str(int(time.time()) - age)
        digest = hmac.new(secret.encode(), f"{hint}.{stamp}.{raw}".encode(), "sha256").hexdigest()
        sent = {"X-Webhook-Id": hint, "X-Webhook-Timestamp": stamp, "X-Webhook-Signature": f"v1={digest}"}
        given = sent | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.api.request("POST", f"/v1/webhooks/immersio/{endpoint}", body=raw, headers=given)

    @property
    def is_due(self) -> bool:
        found = self.school.database.value(
            """SELECT bool_or("dueAt" <= now() AT TIME ZONE 'UTC') FROM "ImmersioSyncState"
               WHERE "tenantId" = :t AND stream = 'courses'""",
            t=self.school.id,
        )
        return bool(found)


@pytest.fixture
def hints(
    load: Load, school: School, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Hints]:
    with kms_key(monkeypatch) as key_id:
        sealed = Sealer(key_id).seal(school.id, "immersioWebhookSecret", SECRET)
        school.change("Tenant", school.id, immersioWebhookSecret=sealed)
        listen(database, school, "ih_aurora")
        database.rows(
            """INSERT INTO "ImmersioSyncState" ("tenantId", stream, "dueAt")
               SELECT :t, stream, now() + interval '1 hour'
               FROM unnest(ARRAY['courses', 'students']) stream""",
            t=school.id,
        )
        function = load("immersio_webhooks", TENANT_SECRETS_KEY_ID=key_id)
        yield Hints(Api(function, tenant=None), school)
        function.close()


def listen(database: TestDatabase, school: School, endpoint: str, provider: str = "IMMERSIO") -> None:
    database.rows(
        'INSERT INTO "WebhookEndpoint" (id, "tenantId", provider) VALUES (:id, :t, :p)',
        id=endpoint,
        t=school.id,
        p=provider,
    )


# ── Refusals ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("endpoint", ["ih_nobody", "x" * 129, "ih%20aurora", "se_aurora"])
def test_nobody_listens_where_no_endpoint_is(hints: Hints, database: TestDatabase, endpoint: str) -> None:
    listen(database, hints.school, "se_aurora", "STRIPE")
    refused = hints.send(endpoint=endpoint)
    assert (refused.status, refused.code) == (404, "webhook_endpoint_not_found")


@pytest.mark.parametrize(
    "told",
    [
        {"secret": "hook-secret-of-another"},
        {"age": 301},
        {"age": -310},
        {"X_Webhook_Signature": ""},
        {"X_Webhook_Signature": "v1=" + "0" * 64},
        {"X_Webhook_Signature": "v2=" + "0" * 64},
        {"X_Webhook_Timestamp": "soon"},
        {"X_Webhook_Timestamp": ""},
        {"X_Webhook_Id": "another-hint"},
        {"X_Webhook_Id": ""},
        {"hint": "x" * 129},
    ],
    ids=str,
)
def test_what_immersio_did_not_sign_like_this_is_refused(hints: Hints, told: dict[str, Any]) -> None:
    refused = hints.send(**told)
    assert (refused.status, refused.code) == (400, "signature_invalid")
    assert not hints.is_due


def test_another_schools_secret_opens_nothing(hints: Hints, database: TestDatabase) -> None:
    lotus = make_school(database, "lotus")
    listen(database, lotus, "ih_lotus")
    assert hints.send(endpoint="ih_lotus").code == "signature_invalid"


@pytest.mark.parametrize("body", ["", "{", "[]", "7", '{"type": 7}', "[" * 30_000])
def test_what_cannot_be_read_is_refused(hints: Hints, body: str) -> None:
    assert hints.send(body).status == 400
    assert not hints.is_due


def test_what_is_too_large_is_refused_before_it_is_hashed(hints: Hints) -> None:
    assert hints.send("x" * (64 * 1024 + 1)).status == 413


# ── Hints ───────────────────────────────────────────────────────────────────────────────────────
def test_a_hint_makes_its_stream_due_and_changes_nothing_else(hints: Hints, database: TestDatabase) -> None:
    assert hints.send({"type": "course.deleted", "id": "c1", "title": "Evil"}).json == {"received": True}
    assert hints.is_due
    assert state(database, hints.school, "students")["dueAt"] > state(database, hints.school)["dueAt"]
    assert database.value("""SELECT payload FROM "WebhookEvent" """) == {}


def test_the_same_hint_again_is_none(hints: Hints, database: TestDatabase) -> None:
    hints.send()
    database.rows("""UPDATE "ImmersioSyncState" SET "dueAt" = now() + interval '1 hour'""")
    assert hints.send().status == 200
    assert not hints.is_due


def test_a_hint_of_a_kind_that_is_new_there_is_taken_and_means_nothing(hints: Hints) -> None:
    assert hints.send({"type": "teacher.hired"}).status == 200
    assert not hints.is_due


def test_while_the_secret_is_replaced_one_good_signature_is_enough(hints: Hints) -> None:
    stamp = str(int(time.time()))
    good = hmac.new(SECRET.encode(), f"hint-1.{stamp}.{json.dumps(HINT)}".encode(), "sha256").hexdigest()
    both = f"v1={'0' * 64},v1={good}"
    assert hints.send(X_Webhook_Signature=both, X_Webhook_Timestamp=stamp).status == 200


def test_ten_thousand_hints_are_one_look(hints: Hints, database: TestDatabase) -> None:
    for number in range(50):
        hints.send(hint=f"hint-{number}")
    assert database.value("""SELECT count(*) FROM "ImmersioSyncState" WHERE stream = 'courses'""") == 1
    assert database.value('SELECT count(*) FROM "OutboxMessage"') == 0
