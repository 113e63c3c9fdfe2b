"""Every operation of the staff refuses whom it is not for, whatever they ask, and changes nothing then."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest

from local.postgres import PostgresServer
from shared.openapi.operation import Operation
from shared.openapi.operations import OPERATIONS
from shared.staff.schemas import STAFF
from tests.functions import Answer
from tests.isolation.attempts import digests
from tests.isolation.recipes import RECIPES, ROOT, Call
from tests.isolation.worlds import Worlds, made_worlds

OF_STAFF = [operation for operation in OPERATIONS if operation.security == "StaffToken"]
# By role: an address of the school aurora. The last three are of no role at all.
PEOPLE = {
    "TEACHER": "teacher1@aurora.test",
    "TENANT_ADMIN": "admin@aurora.test",
    "SUPER_ADMIN": ROOT,
    "STUDENT": "mai@example.com",
    "locked": "1-0@aurora.booking.test",
    "nobody": "nobody@aurora.test",
}
REFUSED = [(each, who) for each, who in product(OF_STAFF, PEOPLE) if who not in each.roles]
LET_IN = [(each, who) for each, who in product(OF_STAFF, PEOPLE) if who in each.roles]


@pytest.fixture(scope="module")
def worlds(postgres: PostgresServer) -> Iterator[Worlds]:
    with made_worlds(postgres.url) as made:
        yield made


def named(case: object) -> str:
    return case.name if isinstance(case, Operation) else str(case)


def ask(worlds: Worlds, call: Call, who: str) -> Answer:
    claims = {"email": PEOPLE[who], "email_verified": "true"}
    return worlds.together.answer(replace(call, claims=claims))


def state(worlds: Worlds) -> dict[int, str]:
    with worlds.together.database.owner.connect() as connection:
        return digests(connection)


def twisted(call: Call) -> Iterator[Call]:
    """The call itself, and such as would be refused for what they say."""
    yield call
    yield replace(call, path=f"{call.path}{'&' if '?' in call.path else '?'}limit=none")
    if call.method != "GET":
        yield replace(call, body="{")
        yield replace(call, headers={**call.headers, "if-match": '"old"'})


def test_every_role_has_somebody() -> None:
    assert set(PEOPLE) > STAFF


@pytest.mark.parametrize(("operation", "who"), REFUSED, ids=named)
def test_a_role_that_it_is_not_for_is_refused_before_anything_is_looked_at(
    worlds: Worlds, operation: Operation, who: str
) -> None:
    before = state(worlds)
    for call in twisted(RECIPES[operation.name](worlds.aurora)):
        answer = ask(worlds, call, who)
        assert (answer.status, answer.code) == (403, "forbidden"), call
    assert state(worlds) == before


@pytest.mark.parametrize(("operation", "who"), LET_IN, ids=named)
def test_a_role_that_it_is_for_is_let_in(worlds: Worlds, operation: Operation, who: str) -> None:
    answer = ask(worlds, RECIPES[operation.name](worlds.aurora), who)
    assert answer.status != 403 or answer.code != "forbidden"
    assert answer.status < 500
