"""What is about all schools answers super admins, and nobody else finds a door to it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from local.postgres import PostgresServer
from shared.openapi.operation import Operation
from shared.openapi.operations import OPERATIONS
from tests.functions import API_HOST
from tests.isolation.attempts import digests
from tests.isolation.recipes import RECIPES, ROOT, Call, Names
from tests.isolation.worlds import NOBODY, Worlds, made_worlds

OF_THE_PLATFORM = [operation for operation in OPERATIONS if operation.of_the_platform]
OTHERS = {
    "nobody": "nobody@aurora.test",
    "a teacher": "teacher1@aurora.test",
    "a school's admin": "admin@aurora.test",
    "another school's admin": "admin@lotus.test",
    "an admin of the platform's own school": "office@platform.test",
    "a student of the platform's own school": "student@platform.test",
    "a super admin who is locked": "former@platform.test",
    "a super admin by a row of a school": "mallory@aurora.test",
}
PEOPLE = """
    INSERT INTO users (email, "tenantId", "tenantRole", locked, uuid)
    SELECT email, t.id, role, locked, gen_random_uuid()
    FROM (VALUES ('office@platform.test', 'default', 'TENANT_ADMIN', false),
                 ('student@platform.test', 'default', 'STUDENT', false),
                 ('former@platform.test', 'default', 'SUPER_ADMIN', true),
                 ('mallory@aurora.test', 'aurora', 'SUPER_ADMIN', false)) p (email, school, role, locked)
    JOIN "Tenant" t ON t.subdomain = p.school
"""


@pytest.fixture(scope="module")
def worlds(postgres: PostgresServer) -> Iterator[Worlds]:
    with made_worlds(postgres.url) as made:
        made.together.database.rows(PEOPLE)
        yield made


def state(worlds: Worlds) -> dict[int, str]:
    """Changes with any write to any row of any school."""
    with worlds.together.database.owner.connect() as connection:
        return digests(connection)


def claimed(call: Call, email: str, **more: Any) -> Call:
    return replace(call, claims={"email": email, "email_verified": "true", **more})


@pytest.mark.parametrize("operation", OF_THE_PLATFORM, ids=lambda operation: operation.name)
def test_nobody_but_a_super_admin_is_answered_and_nothing_changes(
    worlds: Worlds, operation: Operation
) -> None:
    call, before = RECIPES[operation.name](worlds.aurora), state(worlds)
    asked = {
        (who, host): claimed(replace(call, host=host), email, role="SUPER_ADMIN", tenantRole="SUPER_ADMIN")
        for who, email in OTHERS.items()
        for host in (API_HOST, worlds.aurora.host, "default.booking.test")
    }
    told = {name: worlds.together.answer(each) for name, each in asked.items()}
    assert {(answer.status, answer.code) for answer in told.values()} == {(403, "forbidden")}
    assert state(worlds) == before


@pytest.mark.parametrize("operation", OF_THE_PLATFORM, ids=lambda operation: operation.name)
def test_a_token_without_a_proven_address_opens_nothing(worlds: Worlds, operation: Operation) -> None:
    call, before = RECIPES[operation.name](worlds.aurora), state(worlds)
    unproven = worlds.together.answer(claimed(call, ROOT, email_verified="false"))
    nameless = worlds.together.answer(replace(call, claims={"sub": ROOT}))
    without = worlds.together.answer(replace(call, claims=None))
    assert [answer.status for answer in (unproven, nameless, without)] == [403, 401, 401]
    assert state(worlds) == before


@pytest.mark.parametrize("operation", OF_THE_PLATFORM, ids=lambda operation: operation.name)
def test_who_may_not_is_told_so_before_what_they_say_is_read(worlds: Worlds, operation: Operation) -> None:
    call = replace(RECIPES[operation.name](worlds.aurora), body="{")
    told = worlds.together.answer(claimed(call, "admin@aurora.test"))
    assert (told.status, told.code) == (403, "forbidden")
    nobodys: Names = replace(worlds.aurora, tenant=NOBODY.tenant)
    told = worlds.together.answer(claimed(RECIPES[operation.name](nobodys), "admin@aurora.test"))
    assert (told.status, told.code) == (403, "forbidden")


@pytest.mark.parametrize("operation", OF_THE_PLATFORM, ids=lambda operation: operation.name)
def test_a_super_admin_is_answered(worlds: Worlds, operation: Operation) -> None:
    told = worlds.together.answer(RECIPES[operation.name](worlds.lotus))
    assert told.status == operation.status, told
