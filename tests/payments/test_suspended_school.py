"""A school is suspended while somebody pays: money that came is settled, and goes back as ever."""

from collections.abc import Iterator

import pytest

from tests.bookings.life import Staff, cancel
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Api
from tests.invariants import broken_invariants
from tests.payments.paid_school import PaidSchool
from tests.payments.paying import book, page_of, tell
from tests.payments.webhooks import Webhooks
from tests.payments.worker import Worker
from tests.platform.root import Root, made_root


@pytest.fixture
def root(load: Load, database: TestDatabase) -> Iterator[Root]:
    made_root(database)
    function = load("platform_api", OPS_DATABASE_URL=database.ops_url)
    yield Root(Api(function, tenant=None))
    function.close()


def test_who_is_paying_while_their_school_is_suspended_has_their_lesson(
    root: Root, api: Api, paid: PaidSchool, webhooks: Webhooks, worker: Worker
) -> None:
    made = book(api, paid)
    root.suspend(paid.school.id)
    paid.stripe.page(page_of(made), "pay")
    tell(webhooks, paid, paid.stripe.events(paid.key))
    worker.run()
    assert (paid.statuses(), paid.payments()) == (["accepted"], [(1500, True, False)])
    assert broken_invariants(paid.school.database) == []


@pytest.mark.parametrize("change", ["suspend", "cancel"])
def test_a_suspended_school_gives_back(
    root: Root, api: Api, paid: PaidSchool, worker: Worker, admin: Staff, change: str
) -> None:
    first, second = book(api, paid, 9), book(api, paid, 10)
    for made in (first, second):
        paid.stripe.page(page_of(made), "pay")
    worker.look()
    root.post(f"/{paid.school.id}/{change}", {"reason": "Unpaid"})
    assert cancel(api, first).status == 200
    assert admin.post(f"/{second['uid']}/refund", {"amount": 500}).status == 200
    worker.run()
    assert paid.money() == (3000, 2000)
    assert broken_invariants(paid.school.database) == []
