"""A paid lesson is held for a while, and its student is sent to a page of Stripe's to pay."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.bookings.life import move
from tests.bookings.requests import lesson, next_monday
from tests.functions import Answer, Api
from tests.invariants import broken_invariants
from tests.payments.fake_stripe import StripeSide, session_of
from tests.payments.paid_school import PaidSchool
from tests.schools import School

KEY = {"Idempotency-Key": "key"}


def book(api: Api, paid: PaidSchool, hour: int = 9, **options: Any) -> Answer:
    return api.post("/v1/bookings", lesson(paid.school, next_monday(hour)), **options)


def test_a_school_without_keys_takes_no_money_and_no_booking(api: Api, paid: PaidSchool) -> None:
    paid.school.change("Tenant", paid.school.id, stripeSecretKeyEncrypted=None)
    refused = book(api, paid)
    assert (refused.status, refused.code, refused.json["reason"]) == (409, "payments_not_set_up", "no_key")
    assert (paid.statuses(), paid.checkouts()) == ([], [])


@pytest.mark.parametrize(("amount", "currency"), [("500.50", "JPY"), ("10.50", "ISK")])
def test_a_price_that_its_currency_cannot_express_is_not_charged(
    api: Api, paid: PaidSchool, amount: str, currency: str
) -> None:
    paid.price(amount, currency)
    refused = book(api, paid)
    assert (refused.status, refused.code, refused.json["reason"]) == (409, "not_bookable_online", "price")


def test_with_a_revoked_key_no_half_booking_is_left(api: Api, paid: PaidSchool) -> None:
    paid.stripe.control("keys/revoke", apiKey=paid.key)
    refused = book(api, paid, headers=KEY)
    assert (refused.status, refused.code) == (409, "payments_not_set_up")
    assert (refused.json["reason"], paid.key in refused.text) == ("key_refused", False)
    assert (paid.statuses(), paid.checkouts()) == ([], [])
    assert paid.school.database.value('SELECT sum("bookingsCount") FROM "TenantUsage"') == 0
    assert broken_invariants(paid.school.database) == []
    paid.set_key(f"{paid.key}2")
    assert book(api, paid, headers=KEY).status == 201


def test_what_stripe_will_not_sell_is_not_booked(api: Api, paid: PaidSchool) -> None:
    paid.price("0.10", "EUR")
    refused = book(api, paid)
    assert (refused.status, refused.code) == (409, "payment_refused")
    assert (paid.statuses(), paid.checkouts()) == ([], [])


def test_while_stripe_is_silent_the_time_is_held_for_a_retry(api: Api, paid: PaidSchool) -> None:
    paid.stripe.fault("error_before", "/v1/checkout/*", times=2, apiKey=paid.key)
    silent = book(api, paid, headers=KEY)
    assert (silent.status, silent.code) == (503, "payments_unavailable")
    assert book(api, paid).code == "slot_taken"
    again = book(api, paid, headers=KEY)
    assert (again.status, again.headers["idempotent-replayed"]) == (201, "true")
    assert again.json["payment"]["checkoutUrl"] == paid.checkouts()[0]["url"]
    assert paid.statuses() == ["pending"]


def test_an_answer_of_stripes_that_was_lost_makes_no_second_page(api: Api, paid: PaidSchool) -> None:
    paid.stripe.fault("drop_after", "/v1/checkout/*", times=2, apiKey=paid.key)
    assert book(api, paid, headers=KEY).status == 503
    assert book(api, paid, headers=KEY).status == 201
    assert len(paid.at_stripe()["sessions"]) == 1


def test_a_paid_lesson_is_pending_with_a_page_to_pay_on(api: Api, paid: PaidSchool) -> None:
    before = datetime.now(UTC)
    made = book(api, paid)
    assert (made.status, made.json["status"]) == (201, "pending")
    left = datetime.fromisoformat(made.json["payment"]["expiresAt"]) - before
    assert timedelta(minutes=14) < left <= timedelta(minutes=16)
    (session,) = paid.at_stripe()["sessions"]
    assert session["id"] == session_of(made.json["payment"]["checkoutUrl"])
    assert (session["amount"], session["currency"]) == (1500, "eur")
    (checkout,) = paid.checkouts()
    assert session["metadata"] == {
        "checkout": str(checkout["id"]),
        "tenant": str(paid.school.id),
        "booking": made.json["uid"],
    }
    assert (checkout["status"], checkout["sessionId"]) == ("OPEN", session["id"])
    assert paid.payments() == [(1500, False, False)]
    assert broken_invariants(paid.school.database) == []


def test_nobody_is_told_before_it_is_paid(api: Api, paid: PaidSchool) -> None:
    book(api, paid)
    assert paid.school.database.rows('SELECT 1 FROM "OutboxMessage" WHERE "handledAt" IS NULL') == []


def test_the_same_key_gives_the_same_page(api: Api, paid: PaidSchool) -> None:
    first, second = book(api, paid, headers=KEY), book(api, paid, headers=KEY)
    assert second.json == first.json
    assert len(paid.at_stripe()["sessions"]) == 1


def test_the_page_leads_back_to_the_school_and_knows_no_token(
    api: Api, paid: PaidSchool, stripe: StripeSide
) -> None:
    made = book(api, paid).json
    back = stripe.page(made["payment"]["checkoutUrl"], "abandon").headers["location"]
    assert back == f"https://aurora.booking.test/bookings/{made['uid']}"
    assert made["manageToken"] not in json.dumps(paid.at_stripe())


def test_what_is_not_paid_can_neither_be_moved_nor_confirmed(api: Api, paid: PaidSchool, admin: Any) -> None:
    made = book(api, paid).json
    assert move(api, made, next_monday(10)).code == "payment_outstanding"
    assert admin.post(f"/{made['uid']}/confirm").code == "payment_outstanding"


def test_a_free_lesson_never_calls_stripe(api: Api, paid: PaidSchool) -> None:
    paid.stripe.control("keys/revoke", apiKey=paid.key)
    paid.price("0", "EUR")
    made = book(api, paid)
    assert (made.status, made.json["status"], "payment" in made.json) == (201, "accepted", False)
    assert paid.checkouts() == []


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("500", "JPY", 500), ("5.12", "KWD", 5120), ("10", "ISK", 1000), ("15.00", "EUR", 1500)],
)
def test_a_price_becomes_stripes_minor_units(
    api: Api, paid: PaidSchool, amount: str, currency: str, minor: int
) -> None:
    paid.price(amount, currency)
    assert book(api, paid).status == 201
    (session,) = paid.at_stripe()["sessions"]
    assert (session["amount"], session["currency"]) == (minor, currency.lower())


def test_a_price_of_calcoms_is_in_minor_units_already(api: Api, paid: PaidSchool, school: School) -> None:
    paid.price("0", "EUR")
    school.change("EventType", school.lesson_id, price=500, currency="jpy")
    assert book(api, paid).status == 201
    (session,) = paid.at_stripe()["sessions"]
    assert (session["amount"], session["currency"]) == (500, "jpy")


def test_with_a_platforms_key_the_schools_own_account_is_charged(api: Api, paid: PaidSchool) -> None:
    connected = paid.stripe.control("connected-accounts", apiKey=paid.key)["account"]
    paid.school.change("Tenant", paid.school.id, stripeAccountId=connected)
    assert book(api, paid).status == 201
    assert paid.at_stripe()["sessions"] == []
    assert paid.checkouts()[0]["stripeAccountId"] == connected


def test_an_account_that_is_not_the_keys_is_not_charged(api: Api, paid: PaidSchool) -> None:
    paid.school.change("Tenant", paid.school.id, stripeAccountId="acct_of_another")
    refused = book(api, paid)
    assert (refused.code, refused.json["reason"]) == ("payments_not_set_up", "key_refused")
    assert paid.checkouts() == []
