"""A super admin asks for a restore; a worker carries it out, once, or says why nothing was changed."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import boto3
import pytest

from tests.backups.workers import Workers
from tests.bookings.requests import lesson, next_monday
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Answer, Api, sqs_event
from tests.invariants import broken_invariants
from tests.platform.root import Root, audit
from tests.schools import School, make_school

COPY = {"name": "Aurora as it was", "subdomain": "aurora-copy"}


@pytest.fixture
def backup(school: School, database: TestDatabase, workers: Workers) -> str:
    """The school's backup of today."""
    workers.daily()
    workers.make_backups()
    return str(database.value('SELECT id FROM "TenantBackup" WHERE "tenantId" = :t', t=school.id))


def ask(root: Root, school: School, backup: str, **how: Any) -> Answer:
    return root.post(f"/{school.id}/restore", {"backupId": backup, **how})


def outcome(root: Root, workers: Workers, asked: Answer) -> Any:
    """What came of it once the workers are done."""
    assert asked.status == 202, asked
    workers.sweep()
    assert workers.restore_all() == [[]]
    answer = root.api.get(asked.headers["location"], claims={"email": "root@platform.test"})
    assert answer.status == 200
    return answer.json


def book(api: Api, school: School, start: datetime) -> Answer:
    return api.post("/v1/bookings", lesson(school, start))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"inPlace": True, "as": COPY},
        {"inPlace": False},
        {"as": {"name": "Copy"}},
        {"as": {**COPY, "subdomain": "Not a label"}},
        {"as": {**COPY, "name": ""}},
        {"inPlace": True, "tenantId": 1},
    ],
)
def test_a_restore_that_says_what_cannot_be_is_refused(
    root: Root, school: School, body: dict[str, Any]
) -> None:
    answer = ask(root, school, str(uuid4()), **body)
    assert (answer.status, answer.code) == (422, "invalid_request")


def test_what_is_not_there_is_not_restored(
    root: Root, school: School, backup: str, database: TestDatabase
) -> None:
    lotus = make_school(database, "lotus")
    assert ask(root, school, str(uuid4()), inPlace=True).code == "backup_not_found"
    assert ask(root, lotus, backup, inPlace=True).code == "backup_not_found"
    nowhere = root.post("/2000000/restore", {"backupId": backup, "inPlace": True})
    assert (nowhere.status, nowhere.code) == (404, "tenant_not_found")
    assert root.get(f"/{school.id}/restores/{uuid4()}").code == "restore_not_found"
    assert root.get(f"/{school.id}/restores/x").code == "restore_not_found"
    database.rows("""UPDATE "TenantBackup" SET status = 'FAILED'""")
    unmade = ask(root, school, backup, inPlace=True)
    assert (unmade.status, unmade.code) == (409, "backup_not_restorable")


@pytest.mark.parametrize("taken", ["aurora", "default", "www", "xn--abc"])
def test_an_address_that_is_taken_or_reserved_is_refused(
    root: Root, school: School, backup: str, taken: str
) -> None:
    answer = ask(root, school, backup, **{"as": {**COPY, "subdomain": taken}})
    assert (answer.status, answer.code) == (409, "subdomain_taken")


def test_two_restores_of_one_school_do_not_meet(root: Root, school: School, backup: str) -> None:
    assert ask(root, school, backup, inPlace=True).status == 202
    again = ask(root, school, backup, **{"as": COPY})
    assert (again.status, again.code) == (409, "restore_under_way")


def test_asked_again_under_its_key_it_is_one_restore(
    root: Root, school: School, backup: str, database: TestDatabase
) -> None:
    body = {"backupId": backup, "inPlace": True}
    first, again = (
        root.post(f"/{school.id}/restore", body, headers={"idempotency-key": "one"}) for _ in range(2)
    )
    assert first.json == again.json
    assert again.headers["idempotent-replayed"] == "true"
    assert database.value('SELECT count(*) FROM "TenantRestore"') == 1
    assert audit(database, school.id)[-1][:2] == ("SUPER_ADMIN", "tenant.restoreAsked")


def test_a_restore_in_place_brings_back_what_was_lost_and_lets_the_school_go_on(
    root: Root, school: School, backup: str, database: TestDatabase, workers: Workers, api: Api
) -> None:
    database.rows('DELETE FROM "EventType" WHERE "tenantId" = :t', t=school.id)
    assert book(api, school, next_monday(10)).code == "event_type_not_found"
    done = outcome(root, workers, ask(root, school, backup, inPlace=True))
    assert (done["status"], done["inPlace"], done["tenantId"]) == ("COMPLETED", True, school.id)
    actions = [event[:2] for event in audit(database, school.id)]
    assert actions == [("SUPER_ADMIN", "tenant.restoreAsked"), ("SYSTEM", "tenant.restored")]
    assert book(api, school, next_monday(10)).status == 201
    assert broken_invariants(database) == []


def test_nobody_books_while_a_school_is_restored(
    root: Root, school: School, backup: str, database: TestDatabase, workers: Workers, api: Api,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    told: list[Answer] = []
    fetch = workers.restore.module.places.vault.fetch

    def book_meanwhile(*arguments: Any) -> None:
        told.append(book(api, school, next_monday(10)))
        fetch(*arguments)

    monkeypatch.setattr(workers.restore.module.places.vault, "fetch", book_meanwhile)
    outcome(root, workers, ask(root, school, backup, inPlace=True))
    assert [answer.code for answer in told] == ["tenant_suspended"]
    assert book(api, school, next_monday(10)).status == 201


def test_a_school_that_was_suspended_stays_so(
    root: Root, school: School, backup: str, database: TestDatabase, workers: Workers
) -> None:
    assert root.suspend(school.id).status == 200
    outcome(root, workers, ask(root, school, backup, inPlace=True))
    assert (
        database.value('SELECT "subscriptionStatus" FROM "Tenant" WHERE id = :t', t=school.id) == "SUSPENDED"
    )


def test_a_school_that_is_suspended_while_it_is_restored_stays_so(
    root: Root, school: School, backup: str, database: TestDatabase, workers: Workers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    fetch = workers.restore.module.places.vault.fetch

    def suspend_meanwhile(*arguments: Any) -> None:
        assert root.suspend(school.id).status == 200
        fetch(*arguments)

    monkeypatch.setattr(workers.restore.module.places.vault, "fetch", suspend_meanwhile)
    done = outcome(root, workers, ask(root, school, backup, inPlace=True))
    assert done["status"] == "COMPLETED"
    seen = root.get(f"/{school.id}").json
    assert (seen["status"], seen["statusReason"]) == ("SUSPENDED", "Unpaid")


def test_a_copy_takes_bookings_of_its_own_and_tells_nobody_of_the_old_ones(
    root: Root, school: School, database: TestDatabase, workers: Workers, api: Api, load: Load
) -> None:
    start = next_monday(10)
    assert book(api, school, start).status == 201
    workers.daily()
    workers.make_backups()
    backup = database.value('SELECT id FROM "TenantBackup" WHERE "tenantId" = :t', t=school.id)
    done = outcome(root, workers, ask(root, school, str(backup), **{"as": COPY}))
    copy = Api(api.function, tenant="aurora-copy")
    offered = copy.get("/v1/event-types").json["eventTypes"]
    asked = {**lesson(school, start), "eventTypeId": offered[0]["id"]}
    asked["teacherId"] = offered[0]["teachers"][0]["id"]
    taken, free = (
        copy.post("/v1/bookings", asked),
        copy.post("/v1/bookings", {**asked, "start": (start + timedelta(hours=1)).isoformat()}),
    )
    assert (done["status"], done["tenantId"] != school.id) == ("COMPLETED", True)
    assert (taken.code, free.status) == ("slot_taken", 201)
    assert broken_invariants(database) == []
    waiting = """SELECT count(*) FROM "OutboxMessage" WHERE "tenantId" = :t AND "handledAt" IS NULL
                 AND payload->>'bookingId' <> (SELECT max(id)::text FROM "Booking")"""
    assert database.value(waiting, t=done["tenantId"]) == 0


def test_a_backup_that_was_changed_is_refused_and_the_school_goes_on(
    root: Root, school: School, backup: str, database: TestDatabase, workers: Workers, api: Api
) -> None:
    s3, (key,) = boto3.client("s3"), [key for key in workers.cloud.objects() if backup in key]
    content = s3.get_object(Bucket=workers.cloud.bucket, Key=key)["Body"].read()
    s3.put_object(Bucket=workers.cloud.bucket, Key=key, Body=content[:-1] + bytes([content[-1] ^ 1]))
    database.rows('UPDATE "TenantBackup" SET "objectVersion" = NULL')
    before = database.rows("SELECT * FROM users ORDER BY id")
    done = outcome(root, workers, ask(root, school, backup, inPlace=True))
    assert (done["status"], done["failureCode"]) == ("FAILED", "backup_unreadable")
    assert database.rows("SELECT * FROM users ORDER BY id") == before
    assert book(api, school, next_monday(10)).status == 201


def test_a_newer_object_of_the_same_name_is_not_the_backup(
    root: Root, school: School, backup: str, database: TestDatabase, workers: Workers
) -> None:
    """The version that was stored is the one that is fetched."""
    s3, (key,) = boto3.client("s3"), [key for key in workers.cloud.objects() if backup in key]
    s3.put_object(Bucket=workers.cloud.bucket, Key=key, Body=b"overwritten")
    assert outcome(root, workers, ask(root, school, backup, inPlace=True))["status"] == "COMPLETED"


def test_an_object_that_is_gone_fails_the_restore_and_the_school_goes_on(
    root: Root, school: School, backup: str, database: TestDatabase, workers: Workers, api: Api
) -> None:
    database.rows("""UPDATE "TenantBackup" SET "objectKey" = 'nowhere'""")
    asked = ask(root, school, backup, inPlace=True)
    workers.sweep()
    assert workers.restore_all() == [[{"itemIdentifier": "m0"}]]
    told = root.api.get(asked.headers["location"], claims={"email": "root@platform.test"}).json
    assert (told["status"], told["failureCode"]) == ("FAILED", "failed")
    assert book(api, school, next_monday(10)).status == 201


def test_a_message_that_comes_twice_restores_once(
    root: Root, school: School, backup: str, database: TestDatabase, workers: Workers
) -> None:
    ask(root, school, backup, **{"as": COPY})
    workers.sweep()
    (body,) = workers.cloud.messages("RESTORE_QUEUE_URL")
    assert [workers.restore(sqs_event(body)) for _ in range(3)] == [{"batchItemFailures": []}] * 3
    assert database.value("""SELECT count(*) FROM "Tenant" WHERE subdomain = 'aurora-copy'""") == 1
    assert database.value('SELECT status FROM "TenantRestore"') == "COMPLETED"


def test_a_school_that_is_gone_is_brought_back_by_an_operator(
    school: School, backup: str, database: TestDatabase, workers: Workers, api: Api
) -> None:
    lost = {"tenantId": school.id, "backupId": backup}
    assert workers.restore(lost) == {"code": "ids_taken"}
    database.rows('DELETE FROM "Tenant" WHERE id = :t', t=school.id)
    assert workers.restore(lost)["tenantId"] == school.id
    assert book(api, school, next_monday(10)).status == 201
