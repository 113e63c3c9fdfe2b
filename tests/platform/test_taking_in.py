"""A school is taken in with its plan, its address and an admin who is invited."""

from typing import Any

import pytest

from tests.databases import TestDatabase
from tests.platform.root import NEW, Root, audit
from tests.schools import School

KEY = {"Idempotency-Key": "lotus-1"}


def schools(database: TestDatabase) -> int:
    return int(database.value('SELECT count(*) FROM "Tenant"'))


@pytest.mark.parametrize(
    "wrong",
    [
        {"subdomain": "Lotus"},
        {"subdomain": "-lotus"},
        {"subdomain": "lo_tus"},
        {"subdomain": "l" * 64},
        {"subdomain": "lotus.school"},
        {"subdomain": "lotus\n"},
        {"subdomain": ""},
        {"name": " "},
        {"plan": "GOLD"},
        {"locale": "vietnamese"},
        {"admin": {"name": "Lan", "email": "lan"}},
        {"admin": {"name": "Lan", "email": "lan@lotus.example", "timeZone": "Asia/Nowhere"}},
        {"admin": {"name": "Lan", "email": "lan@lotus.example", "role": "SUPER_ADMIN"}},
        {"id": 7},
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_and_nothing_is_there_then(
    root: Root, database: TestDatabase, wrong: dict[str, Any]
) -> None:
    before = schools(database)
    answer = root.post(body=NEW | wrong)
    assert (answer.status, answer.code) == (422, "invalid_request")
    assert schools(database) == before


@pytest.mark.parametrize("subdomain", ["aurora", "default", "www", "api", "admin", "xn--lts-0na"])
def test_an_address_that_is_taken_or_reserved_is_refused(
    root: Root, school: School, database: TestDatabase, subdomain: str
) -> None:
    before = schools(database)
    answer = root.post(body=NEW | {"subdomain": subdomain})
    assert (answer.status, answer.code) == (409, "subdomain_taken")
    assert schools(database) == before


def test_an_admin_who_works_elsewhere_is_refused_and_no_school_stays_behind(
    root: Root, school: School, database: TestDatabase
) -> None:
    before = schools(database)
    answer = root.post(body=NEW | {"admin": {"name": "Ada", "email": school.admin_email}})
    assert (answer.status, answer.code) == (409, "email_taken")
    assert "aurora" not in answer.text
    assert schools(database) == before


def test_somebody_who_learns_elsewhere_may_be_an_admin(
    root: Root, school: School, database: TestDatabase
) -> None:
    school.change("users", school.teacher_id, tenantRole="STUDENT")
    answer = root.post(body=NEW | {"admin": {"name": "Tess", "email": "teacher1@aurora.test"}})
    assert answer.status == 201


def test_a_school_has_the_limits_and_features_of_its_plan(root: Root) -> None:
    answer = root.post(body=NEW)
    assert answer.status == 201
    told = answer.json
    assert answer.headers["location"] == f"/v1/platform/tenants/{told['id']}"
    assert (told["plan"], told["status"], told["subdomain"]) == ("STARTER", "ACTIVE", "lotus")
    assert told["limits"] == {"maxTeachers": 3, "maxBookingsPerMonth": 200, "maxEventTypes": 10}
    assert (told["features"], told["featureOverrides"]) == (["whitelist", "workshops"], {})
    assert root.get(f"/{told['id']}").json == told


def test_unlimited_is_absent(root: Root) -> None:
    assert root.post(body=NEW | {"plan": "ENTERPRISE"}).json["limits"] == {}


def test_the_first_admin_is_there_and_invited_by_id(root: Root, database: TestDatabase) -> None:
    tenant = root.post(body=NEW).json["id"]
    (user,) = database.rows('SELECT * FROM users WHERE "tenantId" = :t', t=tenant)
    assert (user["email"], user["name"], user["tenantRole"]) == (
        "lan@lotus.example",
        "Lan Pham",
        "TENANT_ADMIN",
    )
    assert (user["timeZone"], user["locale"], user["emailVerified"]) == ("Asia/Ho_Chi_Minh", "vi", None)
    (message,) = database.rows('SELECT * FROM "OutboxMessage" WHERE "tenantId" = :t', t=tenant)
    assert (message["topic"], message["payload"]) == ("staff.invited", {"userId": user["id"]})


def test_who_took_it_in_is_written_down_without_anybodys_address(root: Root, database: TestDatabase) -> None:
    tenant = root.post(body=NEW).json["id"]
    (event,) = audit(database, tenant)
    assert event[:2] == ("SUPER_ADMIN", "tenant.created")
    assert event[3] == {"plan": {"after": "STARTER"}, "subdomain": {"after": "lotus"}}
    kept = database.rows('SELECT answer::text FROM "IdempotencyKey"')
    assert "lan@" not in str(kept) + str(event)


def test_the_same_key_gets_the_first_answer_again(root: Root, database: TestDatabase) -> None:
    first = root.post(body=NEW, headers=KEY)
    root.patch(first.json["id"], {"name": "Renamed"})
    again = root.post(body=NEW, headers=KEY)
    assert (again.status, again.json) == (201, first.json)
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers


def test_another_school_under_the_same_key_is_refused(root: Root, database: TestDatabase) -> None:
    root.post(body=NEW, headers=KEY)
    answer = root.post(body=NEW | {"subdomain": "lotus2"}, headers=KEY)
    assert (answer.status, answer.code) == (422, "idempotency_key_reused")


def test_a_key_of_a_booking_is_another(root: Root, database: TestDatabase) -> None:
    """The platform's own school takes bookings too, under keys of its own."""
    root.post(body=NEW, headers=KEY)
    kept = database.value("""SELECT key FROM "IdempotencyKey" """)
    assert kept != KEY["Idempotency-Key"]
    assert "\n" in kept
