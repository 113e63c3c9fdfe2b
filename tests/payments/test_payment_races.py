"""Payers, workers, banks and clocks at once: each cent is where it belongs in the end.

Each race has a twin that shows what comes of it once the guard is taken away.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import ARRAY, Integer, bindparam, text

from shared.bookings import refunds
from shared.clients.sealing import Sealer
from shared.clients.stripe import Stripe
from shared.payments import accept_paid, settle_checkout
from tests.bookings.life import cancel
from tests.bookings.requests import lesson, next_monday
from tests.bookings.test_booking_races import act_after_everybody_has_looked
from tests.bookings.test_life_races import at_once, codes
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Api
from tests.invariants import broken_invariants
from tests.payments.fake_stripe import StripeSide
from tests.payments.paid_school import PaidSchool, paid_school
from tests.payments.paying import book, letters, page_of, tell
from tests.payments.webhooks import Webhooks
from tests.payments.worker import Worker
from tests.schools import make_school
from tests.workshops.workshop import make_workshop


@pytest.fixture
def workers(load: Load, database: TestDatabase, key_id: str, stripe_url: str) -> Iterator[list[Worker]]:
    """Three execution environments of the worker."""
    environment = {
        "OPS_DATABASE_URL": database.ops_url,
        "TENANT_SECRETS_KEY_ID": key_id,
        "STRIPE_API_URL": stripe_url,
    }
    functions = [load("payment_worker", **environment) for _ in range(3)]
    yield [Worker(function, database) for function in functions]
    for function in functions:
        function.close()


@pytest.fixture
def students(load: Load, key_id: str, stripe_url: str) -> Iterator[list[Api]]:
    functions = [
        load("booking_api", TENANT_SECRETS_KEY_ID=key_id, STRIPE_API_URL=stripe_url) for _ in range(3)
    ]
    yield [Api(function) for function in functions]
    for function in functions:
        function.close()


@pytest.mark.race
def test_of_many_payers_of_one_time_one_is_asked_to_pay(
    students: list[Api], paid: PaidSchool, worker: Worker
) -> None:
    body = lesson(paid.school, next_monday(9))
    answers = at_once([partial(each.post, "/v1/bookings", body) for each in students])
    assert codes(answers) == ["201", "slot_taken", "slot_taken"]
    (made,) = [answer.json for answer in answers if answer.status == 201]
    paid.stripe.page(page_of(made), "pay")
    worker.look()
    assert (paid.money(), paid.statuses()) == ((1500, 0), ["accepted"])
    assert broken_invariants(paid.school.database) == []


def test_without_the_occupancy_two_payers_of_one_time_are_both_sold_it(
    load: Load,
    own_database: TestDatabase,
    key_id: str,
    stripe: StripeSide,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The twin: what `occupancy_one_place_at_a_time` holds back is asked to be paid twice."""
    own_database.rows('ALTER TABLE "TeacherOccupancy" DROP CONSTRAINT occupancy_one_place_at_a_time')
    paid = paid_school(make_school(own_database, "aurora"), Sealer(key_id), stripe)
    places = {
        "DATABASE_URL": own_database.app_url,
        "TENANT_SECRETS_KEY_ID": key_id,
        "STRIPE_API_URL": stripe.url,
    }
    functions = [load("booking_api", **places) for _ in range(2)]
    act_after_everybody_has_looked(monkeypatch, len(functions))
    body = lesson(paid.school, next_monday(9))
    answers = at_once([partial(Api(each).post, "/v1/bookings", body) for each in functions])
    assert codes(answers) == ["201", "201"]
    assert "nobody is in two places" in broken_invariants(own_database)
    for function in functions:
        function.close()


@pytest.mark.race
def test_the_same_request_at_once_opens_one_page(students: list[Api], paid: PaidSchool) -> None:
    body, key = lesson(paid.school, next_monday(9)), {"Idempotency-Key": "same"}
    answers = at_once([partial(each.post, "/v1/bookings", body, headers=key) for each in students])
    assert set(codes(answers)) <= {"201", "idempotency_key_in_use", "payments_unavailable"}
    assert students[0].post("/v1/bookings", body, headers=key).status == 201
    assert len(paid.at_stripe()["sessions"]) == 1


@pytest.mark.race
def test_one_payment_that_many_workers_hear_of_many_times_is_booked_once(
    api: Api, paid: PaidSchool, workers: list[Worker], webhooks: Webhooks
) -> None:
    made = book(api, paid)
    paid.stripe.page(page_of(made), "pay")
    for events in (paid.stripe.events(paid.key), paid.stripe.events(paid.key)[::-1]):
        tell(webhooks, paid, events)
        at_once([each.look for each in workers])
    assert letters(paid) == [("booking.created", None), ("booking.created", "teacher")]
    assert (paid.money(), paid.payments()) == ((1500, 0), [(1500, True, False)])
    assert broken_invariants(paid.school.database) == []


def test_where_nobody_looks_what_was_settled_before_it_is_told_twice(
    api: Api, paid: PaidSchool, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: neither the checkout's state nor the booking's is asked for."""
    blind = str(settle_checkout._LOCK).replace("SELECT status", "SELECT 'OPEN' AS status")
    monkeypatch.setattr(settle_checkout, "_LOCK", text(blind))
    careless = str(accept_paid._ACCEPT).replace("AND b.status = 'pending'", "")
    monkeypatch.setattr(accept_paid, "_ACCEPT", text(careless).bindparams(accept_paid.IDS))
    paid.stripe.page(page_of(book(api, paid)), "pay")
    worker.look()
    worker.look()
    assert len(letters(paid)) == 4


@pytest.mark.race
def test_a_refund_that_many_workers_ask_for_is_given_once(
    api: Api, paid: PaidSchool, workers: list[Worker]
) -> None:
    made = book(api, paid)
    paid.stripe.page(page_of(made), "pay")
    workers[0].look()
    cancel(api, made)
    for _ in range(2):
        at_once([each.look for each in workers])
    assert (paid.money(), len(paid.at_stripe()["refunds"])) == ((1500, 1500), 1)
    assert broken_invariants(paid.school.database) == []


@pytest.mark.race
def test_a_payment_at_the_end_of_the_hold_is_booked_or_never_taken(
    api: Api, paid: PaidSchool, workers: list[Worker]
) -> None:
    made = book(api, paid)
    for each in workers:
        each.later(minutes=16)
    at_once([partial(paid.stripe.page, page_of(made), "pay"), *(each.run for each in workers)])
    workers[0].look()
    assert (paid.money(), paid.statuses()) in [((1500, 0), ["accepted"]), ((0, 0), ["cancelled"])]
    assert broken_invariants(paid.school.database) == []


def test_a_page_that_is_not_closed_takes_money_for_a_time_that_is_gone(
    api: Api, paid: PaidSchool, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: the time is freed and the page stays; all that is left then is to pay back."""
    made = book(api, paid)
    monkeypatch.setattr(Stripe, "expire_session", lambda *_: None)
    monkeypatch.setattr(
        "shared.payments.settle_checkout.status_of",
        lambda session: "PAID" if session.payment_status == "paid" else "EXPIRED",
    )
    worker.later(minutes=16)
    worker.run()
    assert paid.statuses() == ["cancelled"]
    paid.stripe.page(page_of(made), "pay")
    worker.look()
    worker.look()
    assert paid.money() == (1500, 1500)


@pytest.mark.race
def test_a_payment_while_the_student_cancels_is_given_back_or_never_taken(
    api: Api, paid: PaidSchool, workers: list[Worker]
) -> None:
    made = book(api, paid)
    at_once(
        [
            partial(cancel, api, made),
            partial(paid.stripe.page, page_of(made), "pay"),
            *(each.look for each in workers[:2]),
        ]
    )
    for _ in range(2):
        workers[0].look()
    assert paid.statuses() == ["cancelled"]
    assert paid.money() in [(0, 0), (1500, 1500)]
    assert broken_invariants(paid.school.database) == []


def test_a_payment_after_a_cancellation_that_nobody_gives_back_is_kept_for_nothing(
    api: Api, paid: PaidSchool, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: the money is noted, and what it was for is not looked at."""
    monkeypatch.setattr(accept_paid, "request_refunds", lambda *_: None)
    made = book(api, paid)
    cancel(api, made)
    paid.stripe.page(page_of(made), "pay")
    for _ in range(2):
        worker.look()
    assert (paid.statuses(), paid.money()) == (["cancelled"], (1500, 0))
    assert broken_invariants(paid.school.database) != []


@pytest.fixture
def series(api: Api, paid: PaidSchool, worker: Worker) -> list[dict[str, Any]]:
    """Three seats at 10.00 EUR, paid together."""
    workshop = make_workshop(paid.school)
    paid.price("10.00", "EUR", workshop.id)
    for number in (1, 2, 3):
        workshop.add_session(number)
    made = api.post("/v1/bookings", workshop.series()).json
    paid.stripe.page(page_of(made), "pay")
    worker.look()
    seats: list[dict[str, Any]] = made["seats"]
    return seats


@pytest.mark.race
def test_of_seats_that_were_paid_together_those_are_given_back_that_are_cancelled(
    students: list[Api], paid: PaidSchool, workers: list[Worker], series: list[dict[str, Any]]
) -> None:
    of_two_seats = [partial(cancel, each, seat) for each, seat in zip(students, series[:2], strict=False)]
    at_once([*of_two_seats, partial(cancel, students[2], series[0]), *(each.look for each in workers)])
    for _ in range(2):
        workers[0].look()
    assert paid.money() == (3000, 2000)
    assert paid.statuses() == ["cancelled", "cancelled", "accepted"]
    assert broken_invariants(paid.school.database) == []


def test_where_a_refund_asks_for_the_page_and_not_for_the_seat_all_seats_are_given_back(
    api: Api,
    paid: PaidSchool,
    worker: Worker,
    series: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The twin: what was paid together is taken for one."""
    careless = str(refunds._REQUEST).replace(
        'p."bookingId" = ANY(:bookings)',
        """p."checkoutId" IN (SELECT "checkoutId" FROM "Payment" WHERE "bookingId" = ANY(:bookings))""",
    )
    bookings = bindparam("bookings", type_=ARRAY(Integer))
    monkeypatch.setattr(refunds, "_REQUEST", text(careless).bindparams(bookings))
    cancel(api, series[0])
    for _ in range(2):
        worker.look()
    assert (paid.money(), paid.statuses()) == ((3000, 3000), ["cancelled", "accepted", "accepted"])
