"""Somebody pays, or does not, and the booking follows; Stripe is asked, whatever its events say."""

from typing import Any

import pytest

from tests.bookings.life import cancel, row_of
from tests.functions import Api
from tests.invariants import broken_invariants
from tests.payments.fake_stripe import StripeSide, session_of
from tests.payments.paid_school import PaidSchool
from tests.payments.paying import book, letters, page_of, tell
from tests.payments.webhooks import Webhooks
from tests.payments.worker import Worker


def test_what_is_not_paid_stays_pending(api: Api, paid: PaidSchool, worker: Worker) -> None:
    made = book(api, paid)
    assert worker.look() == {"noted": 0, "looked": 1, "flagged": 0, "failed": 0, "given_up": 0}
    paid.stripe.page(page_of(made), "decline")
    worker.look()
    assert (paid.statuses(), paid.payments()) == (["pending"], [(1500, False, False)])


def test_what_is_paid_is_booked_and_told_once(
    api: Api, paid: PaidSchool, worker: Worker, webhooks: Webhooks
) -> None:
    made = book(api, paid)
    paid.stripe.page(page_of(made), "pay")
    tell(webhooks, paid, paid.stripe.events(paid.key))
    worker.run()
    assert (paid.statuses(), paid.payments()) == (["accepted"], [(1500, True, False)])
    assert letters(paid) == [("booking.created", None), ("booking.created", "teacher")]
    (checkout,) = paid.checkouts()
    assert (checkout["status"], checkout["lookAt"], checkout["feeCurrency"]) == ("PAID", None, "eur")
    assert checkout["feeAmount"] > 0
    assert broken_invariants(paid.school.database) == []


def test_the_same_events_again_in_another_order_change_nothing(
    api: Api, paid: PaidSchool, worker: Worker, webhooks: Webhooks
) -> None:
    made = book(api, paid)
    paid.stripe.page(page_of(made), "pay")
    events = paid.stripe.events(paid.key)
    tell(webhooks, paid, events[::-1])
    worker.run()
    before = (letters(paid), paid.payments(), row_of(paid.school.database, made["uid"]))
    paid.school.database.rows('UPDATE "WebhookEvent" SET "handledAt" = NULL')
    worker.run()
    tell(webhooks, paid, [{**each, "id": f"{each['id']}again"} for each in events])
    worker.run()
    assert (letters(paid), paid.payments(), row_of(paid.school.database, made["uid"])) == before
    assert paid.money() == (1500, 0)


def test_without_any_event_a_payment_is_found(api: Api, paid: PaidSchool, worker: Worker) -> None:
    paid.stripe.page(page_of(book(api, paid)), "pay")
    worker.later(minutes=4)
    assert worker.run()["looked"] == 1
    assert paid.statuses() == ["accepted"]


def test_a_forged_success_is_not_believed(
    api: Api, paid: PaidSchool, worker: Worker, webhooks: Webhooks
) -> None:
    made = book(api, paid)
    session = {"id": session_of(page_of(made)), "object": "checkout.session", "payment_status": "paid"}
    forged = {
        "id": "evt_forged",
        "object": "event",
        "type": "checkout.session.completed",
        "livemode": False,
        "data": {"object": session},
    }
    tell(webhooks, paid, [forged])
    assert worker.run()["noted"] == 1
    assert paid.statuses() == ["pending"]


def test_another_schools_session_wakes_nothing(
    api: Api, paid: PaidSchool, worker: Worker, webhooks: Webhooks
) -> None:
    made = book(api, paid)
    before = paid.checkouts()
    paid.stripe.page(page_of(made), "pay")
    events = [{**each, "livemode": True} for each in paid.stripe.events(paid.key)]
    tell(webhooks, paid, events)
    assert worker.run() == {"noted": len(events), "looked": 0, "flagged": 0, "failed": 0, "given_up": 0}
    assert paid.checkouts() == before


@pytest.mark.parametrize(
    ("change", "flag"),
    [
        ("amount = 1499", "amount_mismatch"),
        ("currency = 'usd'", "currency_mismatch"),
    ],
)
def test_money_that_is_not_what_was_asked_for_is_flagged_and_books_nothing(
    api: Api, paid: PaidSchool, worker: Worker, change: str, flag: str
) -> None:
    paid.stripe.page(page_of(book(api, paid)), "pay")
    paid.school.database.rows(f'UPDATE "Checkout" SET {change}')
    assert worker.look()["flagged"] == 1
    assert (paid.checkouts()[0]["flag"], paid.payments()) == (flag, [(1500, False, False)])
    assert paid.statuses() == ["cancelled"]
    worker.look()
    assert [topic for topic, _ in letters(paid)].count("payment.flagged") == 1


def test_a_bank_debit_is_not_booked_before_the_money_is_there(
    api: Api, paid: PaidSchool, worker: Worker
) -> None:
    made = book(api, paid)
    paid.stripe.page(page_of(made), "debit")
    worker.look()
    assert (paid.statuses(), paid.checkouts()[0]["status"]) == (["pending"], "PROCESSING")
    worker.later(minutes=40)
    worker.look()
    assert paid.statuses() == ["pending"]
    paid.stripe.control(f"payments/{session_of(page_of(made))}/settle", status="succeeded")
    worker.look()
    assert (paid.statuses(), paid.payments()) == (["accepted"], [(1500, True, False)])


def test_a_bank_debit_that_fails_frees_the_time(api: Api, paid: PaidSchool, worker: Worker) -> None:
    made = book(api, paid)
    paid.stripe.page(page_of(made), "debit")
    worker.look()
    paid.stripe.control(f"payments/{session_of(page_of(made))}/settle", status="failed")
    worker.look()
    assert (paid.statuses(), paid.money()) == (["cancelled"], (0, 0))
    book(api, paid)


def test_at_the_end_of_the_hold_the_page_is_closed_and_then_the_time_is_free(
    api: Api, paid: PaidSchool, worker: Worker, stripe: StripeSide
) -> None:
    made = book(api, paid)
    worker.later(minutes=16)
    worker.run()
    assert (paid.statuses(), paid.at_stripe()["sessions"][0]["status"]) == (["cancelled"], "expired")
    assert stripe.page(page_of(made), "pay").status_code == 409
    assert letters(paid) == [("booking.expired", None), ("booking.expired", "teacher")]
    assert page_of(book(api, paid)) != page_of(made)
    assert broken_invariants(paid.school.database) == []


def test_who_pays_in_the_last_moment_has_the_time(api: Api, paid: PaidSchool, worker: Worker) -> None:
    paid.stripe.page(page_of(book(api, paid)), "pay")
    worker.later(minutes=16)
    worker.run()
    assert paid.statuses() == ["accepted"]


def test_while_stripe_cannot_be_asked_the_time_stays_until_the_session_has_ended_by_itself(
    api: Api, paid: PaidSchool, worker: Worker
) -> None:
    book(api, paid)
    paid.stripe.control("keys/revoke", apiKey=paid.key)
    worker.later(minutes=16)
    assert worker.look()["failed"] == 1
    assert (paid.statuses(), paid.checkouts()[0]["errorCode"]) == (["pending"], "payments_not_set_up")
    worker.later(minutes=50)
    worker.look()
    assert paid.statuses() == ["cancelled"]


def test_a_late_payment_for_a_time_that_is_resold_is_paid_back_once(
    api: Api, paid: PaidSchool, worker: Worker
) -> None:
    first = book(api, paid)
    assert cancel(api, first).status == 200
    second = book(api, paid)
    for made in (first, second):
        paid.stripe.page(page_of(made), "pay")
    for _ in range(3):
        worker.look()
    assert (paid.statuses(), paid.money()) == (["cancelled", "accepted"], (3000, 1500))
    assert paid.payments() == [(1500, True, True), (1500, True, False)]
    refunds = paid.school.database.rows('SELECT reason, status FROM "Refund"')
    assert refunds == [{"reason": "LATE_PAYMENT", "status": "SUCCEEDED"}]
    assert broken_invariants(paid.school.database) == []


def test_the_page_of_a_cancelled_booking_is_closed(api: Api, paid: PaidSchool, worker: Worker) -> None:
    made = book(api, paid)
    cancel(api, made)
    worker.look()
    assert paid.at_stripe()["sessions"][0]["status"] == "expired"
    assert (paid.payments(), paid.checkouts()[0]["lookAt"]) == ([(1500, False, False)], None)


def test_a_request_that_is_paid_waits_for_the_school(
    api: Api, paid: PaidSchool, worker: Worker, admin: Any
) -> None:
    paid.school.change("EventType", paid.school.lesson_id, requiresConfirmation=True)
    made = book(api, paid)
    paid.stripe.page(page_of(made), "pay")
    worker.look()
    assert (paid.statuses(), paid.payments()) == (["pending"], [(1500, True, False)])
    assert admin.post(f"/{made['uid']}/reject").status == 200
    worker.run()
    assert (paid.statuses(), paid.money()) == (["rejected"], (1500, 1500))


def test_what_nobody_of_the_school_sold_is_passed_over(
    paid: PaidSchool, worker: Worker, webhooks: Webhooks
) -> None:
    strange = {
        "id": "evt_1",
        "object": "event",
        "type": "charge.succeeded",
        "livemode": False,
        "data": {"object": {"id": "ch_1", "object": "charge", "payment_intent": "pi_of_a_shop"}},
    }
    tell(webhooks, paid, [strange, {**strange, "id": "evt_2", "data": {"object": "nothing"}}])
    assert worker.run() == {"noted": 2, "looked": 0, "flagged": 0, "failed": 0, "given_up": 0}
