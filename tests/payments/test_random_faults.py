"""Two hundred students, and a Stripe that breaks at random: in the end its sums are ours."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from tests.bookings.life import cancel
from tests.bookings.requests import lesson, next_monday
from tests.functions import Api
from tests.invariants import broken_invariants
from tests.payments.fake_stripe import session_of
from tests.payments.paid_school import PaidSchool
from tests.payments.paying import page_of, tell
from tests.payments.webhooks import Webhooks
from tests.payments.worker import Worker

STUDENTS = 200
A_DAY = 16
FAULTS = ["drop_before", "drop_after", "error_before", "error_after", "rate_limited"]


@dataclass
class Story:
    """What happens, drawn from one seed."""

    chance: Random
    api: Api
    paid: PaidSchool
    worker: Worker
    webhooks: Webhooks

    def trouble(self) -> None:
        if self.chance.random() < 0.15:
            kind, times = self.chance.choice(FAULTS), self.chance.randint(1, 3)
            self.paid.stripe.fault(kind, times=times, apiKey=self.paid.key)

    def student(self, number: int) -> None:
        """Books, as often as it takes, and then pays or not, and perhaps cancels."""
        self.trouble()
        made = self.booked(number)
        self.paid.stripe.mend()
        if made is None:
            return
        if self.chance.random() < 0.1:
            cancel(self.api, made)
        deed = self.chance.choice(["pay", "pay", "pay", "pay", "decline", "abandon", "debit"])
        self.paid.stripe.page(page_of(made), deed)
        if deed == "debit":
            self.settle(made)
        if self.chance.random() < 0.2:
            self.hear()
        if self.chance.random() < 0.2:
            cancel(self.api, made)

    def booked(self, number: int) -> dict[str, Any] | None:
        """Whoever is told to come again does so with the same key, twice."""
        start = next_monday(9) + timedelta(days=7 + number // A_DAY % 5 + number // (5 * A_DAY) * 7)
        start += timedelta(minutes=number % A_DAY * 30)
        for _ in range(3):
            answer = self.api.post(
                "/v1/bookings",
                lesson(self.paid.school, start),
                headers={"Idempotency-Key": f"student {number}"},
                source_ip=f"10.0.0.{number}",
            )
            if answer.status == 201:
                return dict(answer.json)
            assert (answer.status, answer.code) == (503, "payments_unavailable")
        return None

    def settle(self, made: dict[str, Any]) -> None:
        """The bank's answer to a debit comes before or after we know of it."""
        if self.chance.random() < 0.5:
            self.hear()
        outcome = self.chance.choice(["succeeded", "failed"])
        self.paid.stripe.control(f"payments/{session_of(page_of(made))}/settle", status=outcome)

    def hear(self) -> None:
        """Some of the events come, in any order, some twice; the worker runs, and may meet trouble too."""
        events = self.paid.stripe.events(self.paid.key)
        tell(self.webhooks, self.paid, self.chance.choices(events, k=min(len(events), 5)) if events else [])
        self.trouble()
        self.worker.run()
        self.paid.stripe.mend()


@pytest.mark.parametrize("seed", [20261122])
def test_after_any_trouble_stripes_sums_are_ours(
    api: Api, paid: PaidSchool, worker: Worker, webhooks: Webhooks, seed: int
) -> None:
    story = Story(Random(seed), api, paid, worker, webhooks)
    for number in range(STUDENTS):
        story.student(number)
    worker.later(minutes=50)
    assert worker.look()["failed"] == 0
    for refund in paid.at_stripe()["refunds"]:
        if refund["status"] == "pending":
            # Banks take their time with what was debited.
            paid.stripe.control(f"refunds/{refund['id']}/settle", status="succeeded")
    assert worker.look()["failed"] == 0
    database = paid.school.database
    assert broken_invariants(database) == []
    assert "pending" not in paid.statuses()
    captured, refunded = paid.money()
    assert captured == database.value("""SELECT sum(amount) FROM "Checkout" WHERE status = 'PAID'""")
    assert refunded == database.value("""SELECT sum(amount) FROM "Refund" WHERE status = 'SUCCEEDED'""")
    assert captured - refunded == 1500 * paid.statuses().count("accepted")
    assert database.value("""SELECT count(*) FROM "Refund" WHERE status <> 'SUCCEEDED'""") == 0
