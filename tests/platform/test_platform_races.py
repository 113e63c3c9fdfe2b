"""Several super admins at once: one has the address, one answer has the key, nobody overwrites unseen.

Each race has a twin that shows it does happen once the guard is taken away.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from shared.tenants import queries
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Answer, Api
from tests.platform.root import NEW, Root, made_root

KEY = {"Idempotency-Key": "lotus-1"}
LOCK = "FOR NO KEY UPDATE"


@pytest.fixture
def four(load: Load, own_database: TestDatabase) -> Iterator[list[Root]]:
    """Four desks, each with a function of its own, as Lambda gives them."""
    made_root(own_database)
    functions = [load("platform_api", OPS_DATABASE_URL=own_database.ops_url) for _ in range(4)]
    yield [Root(Api(function, tenant=None)) for function in functions]
    for function in functions:
        function.close()


def at_once(desks: list[Root], ask: Callable[[Root, int], Answer]) -> list[Answer]:
    together = threading.Barrier(len(desks))

    def send(numbered: tuple[int, Root]) -> Answer:
        number, desk = numbered
        together.wait(10)
        return ask(desk, number)

    with ThreadPoolExecutor(len(desks)) as threads:
        return list(threads.map(send, enumerate(desks)))


def codes(answers: list[Answer], good: int) -> list[str]:
    """Of those that were refused."""
    return sorted(answer.code for answer in answers if answer.status != good)


def schools(database: TestDatabase) -> int:
    return int(database.value("""SELECT count(*) FROM "Tenant" WHERE subdomain = 'lotus'"""))


def take_in(desk: Root, number: int) -> Answer:
    """The same address for another admin."""
    return desk.post(body=NEW | {"admin": {"name": "Lan", "email": f"lan{number}@lotus.example"}})


@pytest.mark.race
def test_of_four_who_want_one_address_one_has_it(four: list[Root], own_database: TestDatabase) -> None:
    assert codes(at_once(four, take_in), 201) == ["subdomain_taken"] * 3
    assert schools(own_database) == 1


def test_without_the_unique_index_all_have_it(four: list[Root], own_database: TestDatabase) -> None:
    """The twin."""
    own_database.rows('DROP INDEX "Tenant_subdomain_key"')
    assert codes(at_once(four, take_in), 201) == []
    assert schools(own_database) == 4


@pytest.mark.race
def test_one_key_makes_one_school_and_whoever_comes_meanwhile_is_told_to_wait(
    four: list[Root], own_database: TestDatabase
) -> None:
    answers = at_once(four, lambda desk, _: desk.post(body=NEW, headers=KEY))
    assert set(codes(answers, 201)) <= {"idempotency_key_in_use"}
    told = [answer.json for answer in answers if answer.status == 201]
    assert told == [told[0]] * len(told)
    assert schools(own_database) == 1


def change_at_once(four: list[Root], monkeypatch: pytest.MonkeyPatch, lock: str) -> list[Answer]:
    """Each has seen the same and says so; what was read is a while old when it is compared."""
    made = four[0].post(body=NEW).json
    seen = four[0].get(f"/{made['id']}").headers["etag"]
    slowly = queries._LOCKED.text.replace(LOCK, f"AND pg_sleep(0.2) IS NOT NULL {lock}")
    monkeypatch.setattr(queries, "_LOCKED", text(slowly))
    return at_once(
        four, lambda desk, n: desk.patch(made["id"], {"name": f"Name {n}"}, headers={"If-Match": seen})
    )


@pytest.mark.race
def test_of_four_who_change_what_they_saw_one_does(four: list[Root], monkeypatch: pytest.MonkeyPatch) -> None:
    assert codes(change_at_once(four, monkeypatch, LOCK), 200) == ["precondition_failed"] * 3


def test_without_the_rows_lock_they_overwrite_each_other(
    four: list[Root], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin."""
    assert len(codes(change_at_once(four, monkeypatch, ""), 200)) < 3
