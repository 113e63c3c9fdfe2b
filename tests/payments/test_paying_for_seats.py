"""Seats of a workshop are paid like lessons, and those of a series all at once."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.bookings.life import cancel
from tests.functions import Api
from tests.invariants import broken_invariants
from tests.payments.paid_school import PaidSchool
from tests.payments.paying import letters, page_of
from tests.payments.worker import Worker
from tests.workshops.workshop import Workshop, accept, make_workshop


@pytest.fixture
def workshop(paid: PaidSchool) -> Workshop:
    """Three sessions of three seats, at 10.00 EUR each."""
    made = make_workshop(paid.school)
    paid.price("10.00", "EUR", made.id)
    for number in (1, 2, 3):
        made.add_session(number)
    return made


def booked(api: Api, body: dict[str, Any]) -> dict[str, Any]:
    answer = api.post("/v1/bookings", body)
    assert answer.status == 201, answer
    made: dict[str, Any] = answer.json
    return made


@pytest.fixture
def offer(api: Api, workshop: Workshop) -> dict[str, Any]:
    """The one seat of the first session, which came free for somebody who waited."""
    workshop.school.database.rows('UPDATE "WorkshopSession" SET "seatLimit" = 1')
    taken = booked(api, workshop.seat(1))
    assert workshop.wait(api).status == 201
    cancel(api, taken)
    assert workshop.entries() == ["OFFERED"]
    return workshop.booking_of_offer()


def test_an_offered_seat_without_keys_to_pay_with_stays_offered(
    api: Api, paid: PaidSchool, workshop: Workshop, offer: dict[str, Any]
) -> None:
    paid.stripe.control("keys/revoke", apiKey=paid.key)
    assert accept(api, offer).code == "payments_not_set_up"
    assert (workshop.entries(), workshop.booking_of_offer()["status"]) == (["OFFERED"], "pending")
    assert workshop.taken()[1] == 1
    assert broken_invariants(paid.school.database) == []


def test_an_offered_seat_that_nobody_pays_goes_to_the_next(
    api: Api, paid: PaidSchool, worker: Worker, workshop: Workshop, offer: dict[str, Any]
) -> None:
    assert accept(api, offer).status == 200
    assert workshop.wait(api, who=8).status == 201
    worker.later(hours=13)
    worker.run()
    assert workshop.entries() == ["EXPIRED", "OFFERED"]
    assert paid.money() == (0, 0)
    assert broken_invariants(paid.school.database) == []


def test_who_waited_pays_for_the_seat_and_has_it(
    api: Api, paid: PaidSchool, worker: Worker, workshop: Workshop, offer: dict[str, Any]
) -> None:
    told = accept(api, offer).json
    assert told["status"] == "pending"
    assert told["payment"]["expiresAt"] > datetime.now(UTC).isoformat()
    assert accept(api, offer).json["payment"] == told["payment"]
    paid.stripe.page(page_of(told), "pay")
    worker.look()
    assert (workshop.entries(), workshop.booking_of_offer()["status"]) == (["BOOKED"], "accepted")
    again = accept(api, offer).json
    assert (again["status"], again.get("payment"), paid.money()) == ("accepted", None, (1000, 0))
    assert ("booking.created", None) in letters(paid)
    assert broken_invariants(paid.school.database) == []


def test_a_seat_is_held_until_it_is_paid(
    api: Api, paid: PaidSchool, worker: Worker, workshop: Workshop
) -> None:
    made = booked(api, workshop.seat(1))
    assert (made["status"], workshop.taken()[1]) == ("pending", 1)
    paid.stripe.page(page_of(made), "pay")
    worker.look()
    assert (paid.statuses(), paid.money()) == (["accepted"], (1000, 0))
    assert broken_invariants(paid.school.database) == []


def test_a_seat_that_nobody_pays_is_free_again(
    api: Api, paid: PaidSchool, worker: Worker, workshop: Workshop
) -> None:
    booked(api, workshop.seat(1))
    worker.later(minutes=16)
    worker.run()
    assert (paid.statuses(), workshop.taken()[1]) == (["cancelled"], 0)
    assert broken_invariants(paid.school.database) == []


def test_a_series_is_paid_on_one_page_and_told_in_one_letter(
    api: Api, paid: PaidSchool, worker: Worker, workshop: Workshop
) -> None:
    made = booked(api, workshop.series())
    (session,) = paid.at_stripe()["sessions"]
    assert (session["amount"], len(made["seats"])) == (3000, 3)
    paid.stripe.page(page_of(made), "pay")
    worker.look()
    assert (paid.statuses(), paid.payments()) == (["accepted"] * 3, [(1000, True, False)] * 3)
    assert letters(paid) == [("booking.created", None), ("booking.created", "teacher")]
    assert broken_invariants(paid.school.database) == []


def test_one_seat_that_is_cancelled_is_paid_back_and_no_other(
    api: Api, paid: PaidSchool, worker: Worker, workshop: Workshop
) -> None:
    made = booked(api, workshop.series())
    paid.stripe.page(page_of(made), "pay")
    worker.look()
    for number, given in ((1, 1000), (0, 2000)):
        assert cancel(api, made["seats"][number]).status == 200
        worker.look()
        worker.look()
        assert paid.money() == (3000, given)
    assert paid.payments() == [(1000, True, True), (1000, True, True), (1000, True, False)]
    assert paid.statuses() == ["cancelled", "cancelled", "accepted"]
    assert broken_invariants(paid.school.database) == []


def test_what_stripe_gave_back_of_a_series_is_taken_from_its_seats_in_turn(
    api: Api, paid: PaidSchool, worker: Worker, workshop: Workshop
) -> None:
    paid.stripe.page(page_of(booked(api, workshop.series())), "pay")
    worker.look()
    paid.stripe.control("refunds", payment=paid.at_stripe()["payments"][0]["id"], amount=1500)
    worker.look()
    given = paid.school.database.rows('SELECT amount, reason FROM "Refund" ORDER BY "paymentId"')
    assert given == [{"amount": 1000, "reason": "DASHBOARD"}, {"amount": 500, "reason": "DASHBOARD"}]
    assert paid.payments() == [(1000, True, True), (1000, True, False), (1000, True, False)]


def test_a_series_with_a_revoked_key_leaves_no_seat_taken(
    api: Api, paid: PaidSchool, workshop: Workshop
) -> None:
    paid.stripe.control("keys/revoke", apiKey=paid.key)
    assert api.post("/v1/bookings", workshop.series()).code == "payments_not_set_up"
    assert workshop.taken() == {1: 0, 2: 0, 3: 0}
    assert broken_invariants(paid.school.database) == []
