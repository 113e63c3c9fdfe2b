"""An admin asks for a backup; a worker makes it, and every day one without being asked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from shared.backups.create_backup import MOST_A_DAY
from tests.backups.workers import Workers
from tests.databases import TestDatabase
from tests.functions import Answer, Api, sqs_event
from tests.schools import School, make_school

PATH = "/v1/admin/backups"


def ask(admin: Api, school: School, key: str | None = None) -> Answer:
    headers = {"idempotency-key": key} if key else {}
    return admin.request("POST", PATH, headers=headers, claims={"email": school.admin_email})


def seen(admin: Api, school: School, backup: str) -> Any:
    answer = admin.get(f"{PATH}/{backup}", claims={"email": school.admin_email})
    assert answer.status == 200, answer
    return answer.json


def test_a_teacher_may_not(admin: Api, school: School) -> None:
    teacher = {"email": "teacher1@aurora.test"}
    for answer in (admin.request("POST", PATH, claims=teacher), admin.get(PATH, claims=teacher)):
        assert (answer.status, answer.code) == (403, "forbidden")


@pytest.mark.parametrize("name", ["", "1", "0b9a4d6e-3a55-4d0e-9a57-7a1c1b7d8e90", "x" * 36])
def test_a_backup_that_is_none_is_not_found(admin: Api, school: School, name: str) -> None:
    answer = admin.get(f"{PATH}/{name}", claims={"email": school.admin_email})
    assert answer.status == 404


def test_another_schools_backup_is_like_an_absent_one(
    admin: Api, school: School, database: TestDatabase, workers: Workers
) -> None:
    lotus = make_school(database, "lotus")
    asked = Api(admin.function, tenant="lotus").request("POST", PATH, claims={"email": lotus.admin_email})
    answer = admin.get(f"{PATH}/{asked.json['id']}", claims={"email": school.admin_email})
    assert (answer.status, answer.code) == (404, "backup_not_found")
    assert admin.get(PATH, claims={"email": school.admin_email}).json == {"backups": []}


def test_more_than_a_few_a_day_are_refused(admin: Api, school: School, database: TestDatabase) -> None:
    assert [ask(admin, school).status for _ in range(MOST_A_DAY)] == [202] * MOST_A_DAY
    refused = ask(admin, school)
    assert (refused.status, refused.code, refused.json["allowed"]) == (
        429,
        "backup_limit_reached",
        MOST_A_DAY,
    )
    assert refused.headers["retry-after"]
    database.rows("""UPDATE "TenantBackup" SET "createdAt" = "createdAt" - interval '1 day'""")
    assert ask(admin, school).status == 202


def test_a_request_that_is_sent_again_asks_for_one_backup(admin: Api, school: School) -> None:
    first, again = ask(admin, school, "one"), ask(admin, school, "one")
    assert first.json == again.json
    assert (first.headers.get("idempotent-replayed"), again.headers["idempotent-replayed"]) == (None, "true")
    assert first.headers["location"] == f"{PATH}/{first.json['id']}"
    assert ask(admin, school, "two").json["id"] != first.json["id"]


def test_what_was_asked_for_is_made_once_and_kept(
    admin: Api, school: School, database: TestDatabase, workers: Workers
) -> None:
    backup = ask(admin, school).json["id"]
    assert seen(admin, school, backup)["status"] == "PENDING"
    assert workers.sweep() == workers.sweep() == {"backups": 1, "restores": 0, "overdue": 0}
    assert workers.make_backups() == [[], []]
    made = seen(admin, school, backup)
    rows = sum(
        database.value(f'SELECT count(*) FROM "{table}" WHERE "tenantId" = :t', t=school.id)
        for table in (
            "users",
            "EventType",
            "Schedule",
            "Availability",
            "TeacherCourseAssignment",
            "AuditEvent",
        )
    )
    assert (made["status"], made["cause"], made["rows"]) == ("COMPLETED", "STAFF", rows + 1)
    assert workers.cloud.objects() == [f"tenants/{school.id}/{backup}.backup"]
    assert workers.sweep() == {"backups": 0, "restores": 0, "overdue": 0}


def test_a_backup_cannot_be_deleted_before_its_time(admin: Api, school: School, workers: Workers) -> None:
    ask(admin, school)
    workers.sweep()
    workers.make_backups()
    s3, (key,) = boto3.client("s3"), workers.cloud.objects()
    stored = s3.head_object(Bucket=workers.cloud.bucket, Key=key)
    assert stored["ObjectLockMode"] == "COMPLIANCE"
    assert stored["ObjectLockRetainUntilDate"] > datetime.now(UTC) + timedelta(days=34)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket=workers.cloud.bucket, Key=key, VersionId=stored["VersionId"])


def test_every_school_is_backed_up_every_day_once(
    admin: Api, school: School, database: TestDatabase, workers: Workers
) -> None:
    make_school(database, "lotus")
    assert workers.daily() == workers.daily() == {"schools": 3}
    assert workers.make_backups() == [[]] * 6
    assert database.rows(
        """SELECT status, cause, count(*) AS n, count(DISTINCT "tenantId") AS schools
           FROM "TenantBackup" GROUP BY 1, 2"""
    ) == [{"status": "COMPLETED", "cause": "DAILY", "n": 3, "schools": 3}]
    assert len(workers.cloud.objects()) == 3


def test_a_backup_that_fails_says_why_and_is_tried_again(
    admin: Api, school: School, database: TestDatabase, workers: Workers
) -> None:
    backup = ask(admin, school).json["id"]
    workers.sweep()
    database.rows("ALTER POLICY backup_access_users ON users USING (false)")
    (body,) = workers.cloud.messages("BACKUP_QUEUE_URL")
    try:
        assert workers.backup(sqs_event(body)) == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
        failed = seen(admin, school, backup)
        assert (failed["status"], failed["failureCode"]) == ("FAILED", "rows_missing")
        assert workers.cloud.objects() == []
    finally:
        database.rows("ALTER POLICY backup_access_users ON users USING (true)")
    assert workers.backup(sqs_event(body)) == {"batchItemFailures": []}
    made = seen(admin, school, backup)
    assert (made["status"], made.get("failureCode")) == ("COMPLETED", None)


def test_what_a_worker_left_behind_is_made_by_another(
    admin: Api, school: School, database: TestDatabase, workers: Workers
) -> None:
    backup = ask(admin, school).json["id"]
    database.rows("""UPDATE "TenantBackup" SET status = 'RUNNING', "startedAt" = now() AT TIME ZONE 'UTC'""")
    assert workers.sweep()["backups"] == 0
    database.rows("""UPDATE "TenantBackup" SET "startedAt" = "startedAt" - interval '61 minutes'""")
    assert workers.sweep()["backups"] == 1
    workers.make_backups()
    assert seen(admin, school, backup)["status"] == "COMPLETED"


def test_a_school_without_a_backup_of_the_last_day_is_counted(
    admin: Api, school: School, database: TestDatabase, workers: Workers
) -> None:
    assert workers.sweep()["overdue"] == 0
    database.rows(
        """UPDATE "Tenant" SET "createdAt" = "createdAt" - interval '27 hours' WHERE id = :t""", t=school.id
    )
    assert workers.sweep()["overdue"] == 1
    workers.daily()
    workers.make_backups()
    assert workers.sweep()["overdue"] == 0
    database.rows(
        """UPDATE "TenantBackup" SET "createdAt" = "createdAt" - interval '27 hours'
                     WHERE "tenantId" = :t""",
        t=school.id,
    )
    assert workers.sweep()["overdue"] == 1


def test_backups_are_listed_in_pages_the_newest_first(
    admin: Api, school: School, database: TestDatabase
) -> None:
    database.rows(
        """INSERT INTO "TenantBackup" (id, "tenantId", cause, "createdAt")
           SELECT gen_random_uuid(), :t, 'DAILY', timestamp '2030-01-01' + (n / 2) * interval '1 day'
           FROM generate_series(0, 6) n""",
        t=school.id,
    )
    whole = admin.get(PATH, claims={"email": school.admin_email}).json["backups"]
    cursor: str | None = ""
    pages: list[Any] = []
    while cursor is not None:
        page = admin.get(f"{PATH}?limit=2{cursor}", claims={"email": school.admin_email}).json
        pages += page["backups"]
        cursor = f"&cursor={page['nextCursor']}" if "nextCursor" in page else None
    assert pages == whole
    assert len(whole) == 7
    assert [each["createdAt"] for each in whole] == sorted(
        (each["createdAt"] for each in whole), reverse=True
    )
    bad = admin.get(f"{PATH}?cursor=x", claims={"email": school.admin_email})
    assert (bad.status, bad.code) == (422, "invalid_request")
