"""The function: a schedule that asks, and messages that pull."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest

from shared.clients.sealing import Sealer
from tests.clients.kms import kms_key
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import LambdaContext, LoadedFunction, sqs_event
from tests.immersio.connected import connect, courses_here, state
from tests.immersio.fake_school import FakeSchool
from tests.schools import School, make_school

SCHEDULE = {"version": "0", "source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": "{}"}
NO_TIME = 59_999
STREAMS = ("courses", "students", "bookings")


@pytest.fixture
def sealer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sealer]:
    """Of this test, as its SQS is."""
    with kms_key(monkeypatch) as key_id:
        yield Sealer(key_id)


@pytest.fixture
def queue_url(sealer: Sealer) -> str:
    return boto3.client("sqs").create_queue(QueueName="sync")["QueueUrl"]


@pytest.fixture
def sync(load: Load, database: TestDatabase, queue_url: str, sealer: Sealer) -> Iterator[LoadedFunction]:
    function = load(
        "immersio_sync",
        OPS_DATABASE_URL=database.ops_url,
        IMMERSIO_SYNC_QUEUE_URL=queue_url,
        IMMERSIO_HOST_SUFFIXES=".immersio.com",
        IMMERSIO_ALLOW_LOOPBACK="1",
        TENANT_SECRETS_KEY_ID=sealer._key_id,
    )
    yield function
    function.close()
    function.module.platform.dispose()


@pytest.fixture
def sealed(school: School, there: FakeSchool, sealer: Sealer) -> School:
    """The school `aurora`, connected, its keys sealed."""
    seal_keys(school, there, sealer)
    return school


def seal_keys(school: School, there: FakeSchool, sealer: Sealer) -> None:
    connect(
        school,
        there,
        key=sealer.seal(school.id, "immersioApiKey", there.api_key),
        secret=sealer.seal(school.id, "immersioApiSecret", there.api_secret),
    )


def message(school: School, stream: str = "courses") -> str:
    return json.dumps({"tenantId": school.id, "stream": stream})


def asked(queue_url: str) -> list[tuple[int, str]]:
    """All messages that wait: of which school, which stream."""
    sqs, found = boto3.client("sqs"), []
    while told := sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(each["Body"]) for each in told]
    return sorted((body["tenantId"], body["stream"]) for body in found)


def all_streams(*schools: School) -> list[tuple[int, str]]:
    return sorted((school.id, stream) for school in schools for stream in STREAMS)


def failures(answer: dict[str, Any]) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


# ── Refusals ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "body",
    ["", "{}", '{"tenantId": "x"}', '{"tenantId": 1, "stream": "teachers"}', '{"tenantId": 1, "more": 1}'],
)
def test_a_message_that_is_none_comes_again_until_somebody_looks(sync: LoadedFunction, body: str) -> None:
    assert failures(sync(sqs_event(body))) == ["m0"]


def test_a_school_that_does_not_exist_is_let_go(sync: LoadedFunction) -> None:
    assert failures(sync(sqs_event('{"tenantId": 999999}'))) == []


def test_loopback_is_refused_unless_the_local_run_says_so(
    sync: LoadedFunction,
    load: Load,
    sealed: School,
    sealer: Sealer,
    there: FakeSchool,
    database: TestDatabase,
) -> None:
    in_the_cloud = load("immersio_sync", IMMERSIO_ALLOW_LOOPBACK="0", TENANT_SECRETS_KEY_ID=sealer._key_id)
    assert failures(in_the_cloud(sqs_event(message(sealed)))) == []
    in_the_cloud.close()
    assert state(database, sealed)["lastErrorCode"] == "address_refused"
    assert there.requests == []


def test_keys_sealed_for_another_school_do_not_open(
    sync: LoadedFunction, sealed: School, there: FakeSchool, database: TestDatabase
) -> None:
    lotus = make_school(database, "lotus")
    (keys,) = database.rows(
        'SELECT "immersioApiUrl", "immersioApiKey", "immersioApiSecret" FROM "Tenant" WHERE id = :t',
        t=sealed.id,
    )
    lotus.change("Tenant", lotus.id, **keys)
    assert failures(sync(sqs_event(message(lotus)))) == ["m0"]
    assert there.requests == []


def test_a_school_that_fails_is_tried_later_and_takes_no_other_with_it(
    sync: LoadedFunction, sealed: School, there: FakeSchool, database: TestDatabase, sealer: Sealer
) -> None:
    lotus, elsewhere = make_school(database, "lotus"), FakeSchool(there.url, "key-lotus", "secret-lotus")
    elsewhere.register()
    seal_keys(lotus, elsewhere, sealer)
    there.put_numbered(1)
    elsewhere.put_numbered(2)
    there.fault("status", status=503)
    assert failures(sync(sqs_event(message(sealed), message(lotus), "garbage"))) == ["m2"]
    assert (len(courses_here(database, sealed)), len(courses_here(database, lotus))) == (0, 2)
    kept = state(database, sealed)
    assert (kept["lastErrorCode"], kept["attempts"]) == ("injected", 1)
    assert kept["failingSince"] <= kept["dueAt"] <= kept["failingSince"] + timedelta(hours=1)
    assert failures(sync(sqs_event(message(sealed)))) == []
    assert len(courses_here(database, sealed)) == 1
    assert state(database, sealed)["failingSince"] is None


def test_neither_keys_nor_what_people_wrote_are_logged(
    sync: LoadedFunction,
    sealed: School,
    there: FakeSchool,
    database: TestDatabase,
    caplog: pytest.LogCaptureFixture,
) -> None:
    there.put({"id": "c1", "title": "A title of theirs"}, {"id": "c2", "title": "A broken one\x00"})
    there.fault("wrong_json")
    there.fault("status", status=401, code="unknown_key")
    with database.refusing("EventType", "title NOT LIKE '%theirs'"):
        for _ in range(3):
            sync(sqs_event(message(sealed)))
    told = caplog.text + " ".join(str(vars(record)) for record in caplog.records)
    for code in ("unexpected_answer", "unknown_key", "23514"):
        assert code in told
    for secret in (there.api_key, there.api_secret, "of theirs", "broken one"):
        assert secret not in told


# ── The schedule ────────────────────────────────────────────────────────────────────────────────
def test_schools_that_are_not_to_be_synchronised_are_not_asked_for(
    sync: LoadedFunction, sealed: School, there: FakeSchool, database: TestDatabase, queue_url: str
) -> None:
    unwanted: dict[str, dict[str, Any]] = {
        "suspended": {"subscriptionStatus": "SUSPENDED"},
        "off": {"settings": '{"immersioSync": "off"}'},
        "keyless": {"immersioApiKey": None},
        "lite": {"subscriptionPlan": "LITE"},
        "without": {"features": '{"immersioSync": false}'},
        "paused": {},
    }
    for subdomain, changes in unwanted.items():
        other = make_school(database, subdomain)
        connect(other, there, key="sealed", secret="sealed")
        other.change("Tenant", other.id, **changes) if changes else pause(other)
    assert sync(SCHEDULE)["streams"] == 3
    assert asked(queue_url) == all_streams(sealed)


def pause(school: School) -> None:
    school.database.rows(
        """INSERT INTO "ImmersioGate" ("tenantId", host, refusals) VALUES (:t, '127.0.0.1', 3)""",
        t=school.id,
    )


def test_the_schedule_asks_once_for_every_stream_of_every_connected_school(
    sync: LoadedFunction, sealed: School, there: FakeSchool, database: TestDatabase, queue_url: str
) -> None:
    others = [make_school(database, f"school-{number}") for number in range(11)]
    for other in others:
        connect(other, there, key="sealed", secret="sealed")
    assert sync(SCHEDULE)["streams"] == 36
    assert sync(SCHEDULE)["streams"] == 0
    assert asked(queue_url) == all_streams(sealed, *others)


def test_what_a_worker_died_over_is_asked_for_again_when_its_lease_has_ended(
    sync: LoadedFunction, sealed: School, database: TestDatabase
) -> None:
    sync(SCHEDULE)
    database.rows("""UPDATE "ImmersioSyncState" SET "dueAt" = "dueAt" - interval '11 minutes'""")
    assert sync(SCHEDULE)["streams"] == 3


def test_what_the_schedule_asks_for_is_what_a_message_pulls(
    sync: LoadedFunction, sealed: School, there: FakeSchool, database: TestDatabase, queue_url: str
) -> None:
    there.put_numbered(450)
    sync(SCHEDULE)
    assert asked(queue_url) == all_streams(sealed)
    assert failures(sync(sqs_event(message(sealed)))) == []
    assert len(courses_here(database, sealed)) == 450
    assert len(there.requests) == 3
    assert sync(SCHEDULE)["streams"] == 0


def test_a_worker_without_time_asks_for_the_rest(
    sync: LoadedFunction,
    sealed: School,
    there: FakeSchool,
    queue_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(LambdaContext, "get_remaining_time_in_millis", lambda self: NO_TIME)
    assert failures(sync(sqs_event(message(sealed)))) == []
    assert asked(queue_url) == [(sealed.id, "courses")]
    assert there.requests == []


def test_a_school_with_very_much_stands_in_the_queue_again_after_its_turn(
    sync: LoadedFunction, sealed: School, there: FakeSchool, queue_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync.module, "TURN_SECONDS", 0.0)
    assert failures(sync(sqs_event(message(sealed)))) == []
    assert asked(queue_url) == [(sealed.id, "courses")]


def test_logs_and_hints_that_are_too_old_are_forgotten(
    sync: LoadedFunction, sealed: School, database: TestDatabase
) -> None:
    for days in (89, 91):
        database.rows(
            f"""INSERT INTO "ImmersioSyncLog"
                    ("tenantId", "syncType", direction, "resourceType", "resourceId", status, "syncedAt")
                VALUES (:t, 'COURSE', 'PULL', 'course', '{days}', 'SUCCESS',
                        now() - interval '{days} days')""",
            t=sealed.id,
        )
    for days in (6, 8):
        database.rows(
            f"""INSERT INTO "WebhookEvent" ("tenantId", provider, "eventId", type, payload, "receivedAt")
                VALUES (:t, 'IMMERSIO', '{days}', 'x', '{{}}', now() - interval '{days} days')""",
            t=sealed.id,
        )
    assert sync(SCHEDULE)["pruned"] == 2
    assert database.value('SELECT "resourceId" FROM "ImmersioSyncLog"') == "89"
    assert database.value('SELECT "eventId" FROM "WebhookEvent"') == "6"
