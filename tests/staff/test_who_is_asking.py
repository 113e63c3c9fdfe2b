"""Who is asking is what the school's database says of the address in a verified token."""

from collections.abc import Iterator
from typing import Any

import pytest

from shared.database import connect_database, in_tenant, round_trips
from shared.staff.find_staff import find_staff
from shared.tenant_scope import of_tenant
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Answer, Api
from tests.schools import School, make_school

ROOT = "root@platform.test"


@pytest.fixture
def admin_api(load: Load) -> Iterator[Api]:
    """What the staff calls, through the real handler."""
    function = load("admin_api", UPLOADS_BUCKET="uploads")
    yield Api(function)
    function.close()


def add_user(database: TestDatabase, email: str, role: str, subdomain: str = "default") -> int:
    return int(
        database.value(
            """INSERT INTO users (email, name, "tenantId", "tenantRole", uuid)
               SELECT :email, 'Somebody', id, :role, gen_random_uuid()
               FROM "Tenant" WHERE subdomain = :subdomain RETURNING id""",
            email=email,
            role=role,
            subdomain=subdomain,
        )
    )


def me(api: Api, email: str, **claims: Any) -> Answer:
    return api.get("/v1/admin/me", claims={"email": email, "sub": "1", **claims})


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.code


@pytest.mark.parametrize("claims", [None, {"sub": "1"}, {"email": ""}, {"email": "nobody"}])
def test_a_token_that_names_nobody_is_unauthorized(
    admin_api: Api, school: School, claims: dict[str, str] | None
) -> None:
    assert refused(admin_api.get("/v1/admin/me", claims=claims)) == (401, "unauthorized")


@pytest.mark.parametrize("said", ["false", "", "1", None])
def test_an_address_that_nobody_has_proven_is_refused(
    admin_api: Api, school: School, said: str | None
) -> None:
    assert refused(me(admin_api, school.admin_email, email_verified=said)) == (403, "forbidden")


def test_nobody_is_staff_of_a_school_that_does_not_exist(admin_api: Api, school: School) -> None:
    admin_api.tenant = "nowhere"
    assert refused(me(admin_api, school.admin_email)) == (404, "tenant_not_found")


def test_a_student_is_refused(admin_api: Api, school: School) -> None:
    add_user(school.database, "mai@example.test", "STUDENT", "aurora")
    assert refused(me(admin_api, "mai@example.test")) == (403, "forbidden")


def test_another_schools_admin_is_refused_whatever_the_token_says(admin_api: Api, school: School) -> None:
    lotus = make_school(school.database, "lotus")
    told = me(admin_api, lotus.admin_email, role="SUPER_ADMIN", tenantRole="TENANT_ADMIN", tenant="aurora")
    assert refused(told) == (403, "forbidden")


@pytest.mark.parametrize("person", ["admin", "super admin"])
def test_somebody_locked_is_refused(admin_api: Api, school: School, person: str) -> None:
    email = school.admin_email if person == "admin" else ROOT
    add_user(school.database, ROOT, "SUPER_ADMIN")
    school.database.rows("UPDATE users SET locked = true WHERE email = :email", email=email)
    assert refused(me(admin_api, email)) == (403, "forbidden")


def test_a_super_admin_by_a_row_of_a_school_is_none(admin_api: Api, school: School) -> None:
    add_user(school.database, "mallory@aurora.test", "SUPER_ADMIN", "aurora")
    assert refused(me(admin_api, "mallory@aurora.test")) == (403, "forbidden")
    make_school(school.database, "lotus")
    admin_api.tenant = "lotus"
    assert refused(me(admin_api, "mallory@aurora.test")) == (403, "forbidden")


def test_the_platforms_other_staff_is_nobody_at_a_school(admin_api: Api, school: School) -> None:
    add_user(school.database, "ops@platform.test", "TENANT_ADMIN")
    assert refused(me(admin_api, "ops@platform.test")) == (403, "forbidden")


def test_an_admin_is_told_who_they_are(admin_api: Api, school: School) -> None:
    told = me(admin_api, "Admin@Aurora.Test", email_verified="true")
    assert told.status == 200
    assert told.json == {
        "id": school.admin_id,
        "name": "Ada Admin",
        "email": "admin@aurora.test",
        "role": "TENANT_ADMIN",
        "tenant": {
            "id": school.id,
            "name": "Aurora",
            "subdomain": "aurora",
            "plan": "PRO",
            "status": "ACTIVE",
        },
    }


def test_a_name_in_capitals_in_the_database_is_the_same_person(admin_api: Api, school: School) -> None:
    school.change("users", school.admin_id, email="ADMIN@aurora.test")
    assert me(admin_api, school.admin_email).json["id"] == school.admin_id


def test_a_teacher_is_staff_too(admin_api: Api, school: School) -> None:
    assert me(admin_api, "teacher1@aurora.test").json["role"] == "TEACHER"


def test_a_suspended_school_still_knows_its_staff(admin_api: Api, school: School) -> None:
    school.change("Tenant", school.id, subscriptionStatus="SUSPENDED")
    assert me(admin_api, school.admin_email).json["tenant"]["status"] == "SUSPENDED"


@pytest.mark.parametrize(("subdomain", "name"), [("aurora", None), ("default", "Somebody")])
def test_a_super_admin_is_one_at_every_school(
    admin_api: Api, school: School, subdomain: str, name: str | None
) -> None:
    root = add_user(school.database, ROOT, "SUPER_ADMIN")
    admin_api.tenant = subdomain
    told = me(admin_api, ROOT)
    assert (told.status, told.json["id"], told.json["role"]) == (200, root, "SUPER_ADMIN")
    assert told.json.get("name") == name
    assert told.json["tenant"]["subdomain"] == subdomain


def test_knowing_who_asks_costs_one_round_trip(school: School) -> None:
    engine = connect_database(school.database.app_url)

    def waits(connection: Any) -> int:
        before = round_trips(connection)
        find_staff(connection, school.admin_email)
        return round_trips(connection) - before

    assert in_tenant(engine, of_tenant(school.id), waits) == 1
    engine.dispose()
