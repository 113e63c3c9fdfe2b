"""Money goes back once, by whichever way, and Stripe's word on it is ours."""

from typing import Any

import pytest

from tests.bookings.life import Staff, cancel, move
from tests.bookings.requests import next_monday
from tests.functions import Api
from tests.invariants import broken_invariants
from tests.payments.paid_school import PaidSchool
from tests.payments.paying import book, page_of, tell
from tests.payments.webhooks import Webhooks
from tests.payments.worker import Worker


@pytest.fixture
def sold(api: Api, paid: PaidSchool, worker: Worker) -> dict[str, Any]:
    """A lesson that is paid."""
    made = book(api, paid)
    paid.stripe.page(page_of(made), "pay")
    worker.look()
    assert paid.statuses() == ["accepted"]
    return made


def refunds(paid: PaidSchool) -> list[tuple[int, str, str, str | None]]:
    """Amount, reason, status and why it failed."""
    rows = paid.school.database.rows('SELECT * FROM "Refund" ORDER BY "createdAt", amount')
    return [(row["amount"], row["reason"], row["status"], row["failureCode"]) for row in rows]


def notices(paid: PaidSchool) -> list[str]:
    """What the admins are told."""
    rows = paid.school.database.rows("""
        SELECT topic FROM "OutboxMessage" WHERE payload ? 'userId' ORDER BY id
    """)
    return [row["topic"] for row in rows]


def test_what_cal_com_was_paid_the_school_is_asked_to_give_back(
    api: Api, paid: PaidSchool, worker: Worker, sold: dict[str, Any]
) -> None:
    paid.school.database.rows('UPDATE "Payment" SET "checkoutId" = NULL')
    cancel(api, sold)
    for given_up in (1, 0):
        assert worker.run()["given_up"] == given_up
    assert refunds(paid) == [(1500, "ATTENDEE_IN_TIME", "FAILED", "paid_elsewhere")]
    assert notices(paid) == ["refund.failed"]


def test_after_the_deadline_the_money_stays(
    api: Api, paid: PaidSchool, worker: Worker, sold: dict[str, Any]
) -> None:
    paid.school.database.rows("""UPDATE "Booking" SET "refundableUntil" = now() - interval '1 minute'""")
    assert cancel(api, sold).status == 200
    worker.look()
    assert (paid.money(), refunds(paid)) == ((1500, 0), [])
    assert broken_invariants(paid.school.database) == []


def test_a_cancelled_lesson_is_paid_back_without_anybodys_doing(
    api: Api, paid: PaidSchool, worker: Worker, sold: dict[str, Any]
) -> None:
    cancel(api, sold)
    worker.run()
    assert (paid.money(), paid.payments()) == ((1500, 1500), [(1500, True, True)])
    assert refunds(paid) == [(1500, "ATTENDEE_IN_TIME", "SUCCEEDED", None)]
    (checkout,) = paid.checkouts()
    assert (checkout["amountRefunded"], checkout["lookAt"]) == (1500, None)
    assert broken_invariants(paid.school.database) == []


@pytest.mark.parametrize(
    ("kind", "times"), [("drop_after", 2), ("error_after", 2), ("error_before", 2), ("rate_limited", 1)]
)
def test_an_answer_that_is_lost_pays_back_once(
    api: Api, paid: PaidSchool, worker: Worker, sold: dict[str, Any], kind: str, times: int
) -> None:
    cancel(api, sold)
    paid.stripe.fault(kind, "/v1/refunds", method="POST", times=times, apiKey=paid.key)
    assert worker.run()["failed"] == 1
    assert paid.statuses() == ["cancelled"]
    worker.look()
    assert (paid.money(), refunds(paid)) == (
        (1500, 1500),
        [(1500, "ATTENDEE_IN_TIME", "SUCCEEDED", None)],
    )
    assert len(paid.at_stripe()["refunds"]) == 1


def test_student_and_school_cancel_and_it_is_paid_back_once(
    api: Api, paid: PaidSchool, worker: Worker, sold: dict[str, Any], admin: Staff
) -> None:
    cancel(api, sold)
    admin.post(f"/{sold['uid']}/cancel")
    worker.look()
    assert paid.money() == (1500, 1500)


def test_money_goes_along_with_a_move(
    api: Api, paid: PaidSchool, worker: Worker, sold: dict[str, Any]
) -> None:
    child = move(api, sold, next_monday(11)).json
    worker.look()
    assert paid.money() == (1500, 0)
    cancel(api, child)
    worker.run()
    assert paid.money() == (1500, 1500)
    assert broken_invariants(paid.school.database) == []


def test_what_is_given_back_at_stripe_is_known_here(
    api: Api, paid: PaidSchool, worker: Worker, sold: dict[str, Any], webhooks: Webhooks
) -> None:
    (payment,) = paid.at_stripe()["payments"]
    paid.stripe.control("refunds", payment=payment["id"], amount=500)
    tell(webhooks, paid, paid.stripe.events(paid.key))
    worker.run()
    assert refunds(paid) == [(500, "DASHBOARD", "SUCCEEDED", None)]
    cancel(api, sold)
    worker.run()
    assert refunds(paid)[1:] == [(1000, "ATTENDEE_IN_TIME", "SUCCEEDED", None)]
    assert (paid.money(), paid.payments()) == ((1500, 1500), [(1500, True, True)])


def test_what_is_given_back_at_stripe_meanwhile_is_not_given_twice(
    api: Api, paid: PaidSchool, worker: Worker, sold: dict[str, Any]
) -> None:
    cancel(api, sold)
    paid.stripe.control("refunds", payment=paid.at_stripe()["payments"][0]["id"])
    worker.run()
    assert paid.money() == (1500, 1500)
    assert sorted(refunds(paid)) == [
        (1500, "ATTENDEE_IN_TIME", "FAILED", "refunded_elsewhere"),
        (1500, "DASHBOARD", "SUCCEEDED", None),
    ]


def test_a_refund_that_fails_later_is_open_again(
    api: Api, paid: PaidSchool, worker: Worker, sold: dict[str, Any], webhooks: Webhooks
) -> None:
    cancel(api, sold)
    worker.run()
    (refund,) = paid.at_stripe()["refunds"]
    paid.stripe.control(
        f"refunds/{refund['id']}/settle", status="failed", failureReason="lost_or_stolen_card"
    )
    tell(webhooks, paid, paid.stripe.events(paid.key))
    worker.run()
    assert refunds(paid) == [(1500, "ATTENDEE_IN_TIME", "FAILED", "lost_or_stolen_card")]
    assert paid.payments() == [(1500, True, False)]
    worker.look()
    assert notices(paid) == ["refund.failed"]


def test_a_refund_on_its_way_is_followed(
    api: Api, paid: PaidSchool, worker: Worker, sold: dict[str, Any]
) -> None:
    paid.stripe.control("refunds/next", apiKey=paid.key, statuses=["pending"])
    cancel(api, sold)
    worker.run()
    assert refunds(paid) == [(1500, "ATTENDEE_IN_TIME", "PENDING", None)]
    paid.stripe.control(f"refunds/{paid.at_stripe()['refunds'][0]['id']}/settle", status="succeeded")
    worker.look()
    assert refunds(paid) == [(1500, "ATTENDEE_IN_TIME", "SUCCEEDED", None)]
    assert len(paid.at_stripe()["refunds"]) == 1


def test_what_a_bank_is_to_decide_is_not_paid_back(
    api: Api, paid: PaidSchool, worker: Worker, sold: dict[str, Any], webhooks: Webhooks
) -> None:
    paid.stripe.control("disputes", payment=paid.at_stripe()["payments"][0]["id"])
    tell(webhooks, paid, paid.stripe.events(paid.key))
    worker.run()
    assert paid.school.database.value('SELECT "disputedAt" IS NOT NULL FROM "Payment"')
    cancel(api, sold)
    worker.look()
    assert (refunds(paid), paid.at_stripe()["refunds"]) == ([], [])
    assert notices(paid) == ["payment.disputed"]
